{{- define "agent.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "agent.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "agent.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "agent.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "agent.selectorLabels" -}}
app.kubernetes.io/name: {{ include "agent.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "agent.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "agent.selectorLabels" . }}
{{- with .Values.extraLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "agent.serviceAccountName" -}}
{{- .Values.podServiceAccount.name | default (include "agent.fullname" .) }}
{{- end }}

{{- define "agent.secretName" -}}
{{- .Values.secret.name | default (include "agent.fullname" .) }}
{{- end }}

{{- define "agent.certificateSecretName" -}}
{{- .Values.selfSignedCertificate.secret.name | default (printf "%s-certificate" (include "agent.fullname" . | trunc 51)) }}
{{- end }}

{{/* A value of YAML as the text of a variable: Helm reads 1000000 as a float, which it would write as 1e+06. */}}
{{- define "agent.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end }}
{{- end }}

{{/* "yes" if webhooks of Port are received. */}}
{{- define "agent.receivesWebhooks" -}}
{{- if has "webhook" (.Values.source | default .Values.env.normal.PORT_DISPATCH_SOURCE | default "" | lower | replace " " "" | splitList ",") }}yes{{ end }}
{{- end }}

{{/* Settings that contradict each other. The values themselves are checked by values.schema.json. */}}
{{- define "agent.check" -}}
{{- $normal := .Values.env.normal -}}
{{- if and .Values.terminationGracePeriodSeconds (le (int .Values.terminationGracePeriodSeconds) (int .Values.grace)) }}
{{- fail (printf "terminationGracePeriodSeconds (%d) must be more than grace (%d): pods would be killed before they have finished." (int .Values.terminationGracePeriodSeconds) (int .Values.grace)) }}
{{- end }}
{{- range $name, $value := dict "PORT_DISPATCH_LISTEN" "service.targetPort" "PORT_DISPATCH_OPERATIONS_LISTEN" "operations.port" "PORT_DISPATCH_GRACE" "grace" }}
{{- if hasKey $normal $name }}
{{- fail (printf "env.normal.%s: set %s instead, which probes and services also follow." $name $value) }}
{{- end }}
{{- end }}
{{- if and .Values.source (hasKey $normal "PORT_DISPATCH_SOURCE") }}
{{- fail "source and env.normal.PORT_DISPATCH_SOURCE are both set: use one of them." }}
{{- end }}
{{- if not .Values.secret.useExistingSecret }}
{{- range $name := list "PORT_CLIENT_ID" "PORT_CLIENT_SECRET" }}
{{- if and (not (get $.Values.env.secret $name)) (not (get $normal $name)) (not $.Values.extraEnv) (not $.Values.extraEnvFrom) }}
{{- fail (printf "env.secret.%s is missing. Set it, or name a Secret that has it: secret.useExistingSecret and secret.name." $name) }}
{{- end }}
{{- end }}
{{- else if not .Values.secret.name }}
{{- fail "secret.name is missing: secret.useExistingSecret needs the name of your Secret." }}
{{- end }}
{{- if .Values.selfSignedCertificate.enabled }}
{{- if and .Values.selfSignedCertificate.secret.useExistingSecret (not .Values.selfSignedCertificate.secret.name) }}
{{- fail "selfSignedCertificate.secret.name is missing: useExistingSecret needs the name of your Secret." }}
{{- end }}
{{- if and (not .Values.selfSignedCertificate.secret.useExistingSecret) (not .Values.selfSignedCertificate.certificate) }}
{{- fail "selfSignedCertificate.certificate is missing: set its PEM text, or name a Secret that has it." }}
{{- end }}
{{- end }}
{{- end }}
