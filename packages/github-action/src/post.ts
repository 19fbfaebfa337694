// What the runner starts when the job ends. The inputs are evaluated again then, so that `jobStatus` is final.

// The state that only REPORT saves. Every other step has nothing left to do, and loads nothing to find that out.
if (process.env.STATE_report) void import('./finish.ts').then(({ finish }) => finish())
