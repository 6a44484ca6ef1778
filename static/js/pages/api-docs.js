/** Shows the API's schema in Swagger UI, whose requests carry the page's CSRF token. */

import "../ui/shortcuts.js";
import "../ui/theme.js";

const place = document.getElementById("apiDocs");

globalThis.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [globalThis.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  // The default would send the schema's URL to a service elsewhere.
  validatorUrl: null,
  requestInterceptor(request) {
    if (request.method && request.method !== "GET") {
      request.headers["X-CSRFToken"] = place.dataset.csrf;
    }
    return request;
  },
});
