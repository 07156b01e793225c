{{/* Labels by which a part is selected: dict "root" $ "name" component. They never change: a Deployment's selector can't. */}}
{{- define "itsm.selector" -}}
app.kubernetes.io/name: itsm
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{/* All labels of a part: dict "root" $ "name" component. Not for templates of pods: a new version would restart the trial engines. */}}
{{- define "itsm.labels" -}}
{{ include "itsm.selector" . }}
app.kubernetes.io/version: {{ .root.Values.image.tag | default .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* Services and gateway with the defaults filled in, as YAML by name. */}}
{{- define "itsm.parts" -}}
{{- $parts := dict "gateway" .Values.gateway }}
{{- range $name, $own := .Values.services }}{{ $_ := set $parts $name $own }}{{ end }}
{{- range $name, $own := $parts }}
{{- $part := deepCopy $.Values.defaults }}
{{- range $key, $value := $own }}
{{- if kindIs "map" $value }}{{ $value = mustMergeOverwrite (deepCopy (get $part $key | default dict)) (deepCopy $value) }}{{ end }}
{{- $_ := set $part $key $value }}
{{- end }}
{{- $_ := set $part "scales" (and $part.autoscaling.enabled (gt (int $part.replicas) 0)) }}
{{- $_ := set $parts $name $part }}
{{- end }}
{{- toYaml $parts }}
{{- end }}

{{/* How long a pod may take to end; see values.yaml. */}}
{{- define "itsm.gracePeriod" -}}
{{- add .Values.shutdown.drainSeconds .Values.shutdown.timeoutSeconds 7 }}
{{- end }}

{{/* Seconds as a TimeSpan. */}}
{{- define "itsm.timeSpan" -}}
{{- printf "%02d:%02d:%02d" (div . 3600) (mod (div . 60) 60) (mod . 60) }}
{{- end }}

{{/* Name of the Secret with an engine's connection string: dict "root" $ "engine" name. */}}
{{- define "itsm.engineSecret" -}}
{{- (get .root.Values.engines .engine).existingSecret | default (printf "%s-engines" .root.Release.Name) }}
{{- end }}

{{/* Pod security "restricted". */}}
{{- define "itsm.podSecurity" -}}
runAsNonRoot: true
seccompProfile: {type: RuntimeDefault}
{{- end }}
{{- define "itsm.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* What all pods say alike. */}}
{{- define "itsm.pod" -}}
serviceAccountName: {{ .Release.Name }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{ range . }}
  - name: {{ . }}{{ end }}
{{- end }}
{{- end }}

{{/* Head of a NetworkPolicy: dict "root" $ "name" its name. */}}
{{- define "itsm.policy" }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .root.Release.Name }}-{{ .name }}
  labels: {{- include "itsm.labels" (dict "root" .root "name" "policies") | nindent 4 }}
spec:
{{- end }}

{{/* Rule to what stands outside of the release: to, port. */}}
{{- define "itsm.outside" -}}
- ports: [{port: {{ .port }}}]
  {{- with .to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
