// The agent as a library: docs/agent.md shows how to run it.
export {
  type Intake,
  type Refusal,
  type Result,
  type Settlement,
  SOURCES,
  type Source,
  type SourceName,
  type Work,
} from './work.ts'
