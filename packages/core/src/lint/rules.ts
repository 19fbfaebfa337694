import type { Rule } from './finding.ts'
import type { Lintee } from './lintee.ts'
import { choiceOptions } from './rules/choice-options.ts'
import { chosenVariables } from './rules/chosen-variables.ts'
import { definition } from './rules/definition.ts'
import { exposedSecret } from './rules/exposed-secret.ts'
import { foreignBraces } from './rules/foreign-braces.ts'
import { inputComparison } from './rules/input-comparison.ts'
import { inputCount } from './rules/input-count.ts'
import { inputDefault } from './rules/input-default.ts'
import { inputDefinition } from './rules/input-definition.ts'
import { inputKind } from './rules/input-kind.ts'
import { inputNames } from './rules/input-names.ts'
import { jqSyntax } from './rules/jq-syntax.ts'
import { jqTypes } from './rules/jq-types.ts'
import { jqVersion } from './rules/jq-version.ts'
import { missingFile } from './rules/missing-file.ts'
import { nullPath } from './rules/null-path.ts'
import { pipelineInputs } from './rules/pipeline-inputs.ts'
import { pipelineJobs } from './rules/pipeline-jobs.ts'
import { pipelineRules } from './rules/pipeline-rules.ts'
import { pipelineStructure } from './rules/pipeline-structure.ts'
import { protectedVariables } from './rules/protected-variables.ts'
import { refInput } from './rules/ref-input.ts'
import { reportedTwice } from './rules/reported-twice.ts'
import { requiredInput } from './rules/required-input.ts'
import { runId } from './rules/run-id.ts'
import { runName } from './rules/run-name.ts'
import { severalOutputs } from './rules/several-outputs.ts'
import { singleBraces } from './rules/single-braces.ts'
import { spread } from './rules/spread.ts'
import { templateSyntax } from './rules/template-syntax.ts'
import { trigger } from './rules/trigger.ts'
import { undeclaredInput } from './rules/undeclared-input.ts'
import { unguardedJson } from './rules/unguarded-json.ts'
import { unknownInput } from './rules/unknown-input.ts'
import { unknownPath } from './rules/unknown-path.ts'
import { unreported } from './rules/unreported.ts'
import { unsentField } from './rules/unsent-field.ts'
import { variableName } from './rules/variable-name.ts'
import { workflowDispatch } from './rules/workflow-dispatch.ts'
import { workflowFile } from './rules/workflow-file.ts'
import { workflowInputs } from './rules/workflow-inputs.ts'

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
  foreignBraces,
  unknownPath,
  nullPath,
  jqTypes,
  severalOutputs,
  jqVersion,
  spread,
  exposedSecret,
  chosenVariables,
  workflowFile,
  missingFile,
  workflowDispatch,
  workflowInputs,
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
  unknownInput,
  unsentField,
  inputComparison,
  variableName,
  pipelineInputs,
  pipelineStructure,
  pipelineRules,
  pipelineJobs,
  protectedVariables,
]
