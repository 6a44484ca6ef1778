/** What must have run before the first paint. A classic script, so it blocks the page: keep it small. */

import "../ui/theme-init.js";
import "../ui/local-time.js";
