/** What the API's answers look like, as far as it takes to tell them from the JSON of others. Pure. */

const hasList = (name) => (body) => Array.isArray(body[name]);

export const isList = (body) => Array.isArray(body);
export const isJob = (body) => typeof body.id === "string" && Boolean(body.progress);
export const isActiveJob = (body) => body.job === null || isJob(body.job ?? {});
export const isSuccess = (body) => body.success === true;
export const isScan = (body) => typeof body.running === "boolean";
export const isChanges = (body) => typeof body.changed === "number";
export const hasFiles = hasList("files");
export const hasJobs = hasList("jobs");
export const hasItems = hasList("items");
export const hasEvents = hasList("events");
export const hasFailures = hasList("failures");
