import type { Rule } from './finding.ts'
import type { Lintee } from './lintee.ts'
import { chosenVariables } from './rules/chosen-variables.ts'
import { definition } from './rules/definition.ts'
import { exposedSecret } from './rules/exposed-secret.ts'
import { inputDefault } from './rules/input-default.ts'
import { inputDefinition } from './rules/input-definition.ts'
import { inputNames } from './rules/input-names.ts'
import { choiceOptions, inputKind } from './rules/input-value.ts'
import { jqSyntax } from './rules/jq-syntax.ts'
import { jqVersion } from './rules/jq-version.ts'
import { pipelineJobs, pipelineRules } from './rules/pipeline-rules.ts'
import { pipelineInputs, variableName } from './rules/pipeline-variables.ts'
import { protectedVariables } from './rules/protected-variables.ts'
import { reportedTwice, unreported } from './rules/reporting.ts'
import { runId } from './rules/run-id.ts'
import { runName } from './rules/run-name.ts'
import { singleBraces } from './rules/single-braces.ts'
import { spread } from './rules/spread.ts'
import { templateSyntax } from './rules/template-syntax.ts'
import { trigger } from './rules/trigger.ts'
import { unguardedJson } from './rules/unguarded-json.ts'
import { nullPath, unknownPath } from './rules/unknown-path.ts'
import { workflowDispatch } from './rules/workflow-dispatch.ts'
import { workflowFile } from './rules/workflow-file.ts'
import { inputCount, refInput, requiredInput, undeclaredInput } from './rules/workflow-inputs.ts'

/** Every rule, in the order in which findings are listed. */
export const RULES: readonly Rule<Lintee>[] = [
  definition,
  trigger,
  inputNames,
  inputDefinition,
  inputDefault,
  templateSyntax,
  jqSyntax,
  singleBraces,
  unknownPath,
  nullPath,
  jqVersion,
  spread,
  exposedSecret,
  chosenVariables,
  workflowFile,
  workflowDispatch,
  undeclaredInput,
  requiredInput,
  choiceOptions,
  inputKind,
  inputCount,
  refInput,
  runId,
  runName,
  unreported,
  reportedTwice,
  unguardedJson,
  variableName,
  pipelineInputs,
  pipelineRules,
  pipelineJobs,
  protectedVariables,
]
