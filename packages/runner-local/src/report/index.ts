export { errorSummary, failureDocument, summaryDocument } from "./documents.ts";
export { type FailureOptions, renderFailure } from "./failure.ts";
export { invocation, nextCommands, type Proposal, resumeCommand } from "./next-commands.ts";
export { renderRunReport, type ReportOptions } from "./run-report.ts";
