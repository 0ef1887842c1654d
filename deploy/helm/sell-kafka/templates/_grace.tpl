{{- /* A connector that is killed before it has acknowledged what it published publishes it twice. */ -}}
{{- define "sell-kafka.terminationGracePeriodSeconds" -}}
{{- $shutdownMs := dig "delivery" "shutdownTimeoutMs" 30000 .Values.config | int64 -}}
{{- $given := .Values.terminationGracePeriodSeconds -}}
{{- if kindIs "invalid" $given -}}
{{- add (div (add $shutdownMs 999) 1000) 15 -}}
{{- else if le (mul (int64 $given) 1000) $shutdownMs -}}
{{- fail (printf "terminationGracePeriodSeconds is %d, but config.delivery.shutdownTimeoutMs is %d: make it more than %d, or leave it out" (int64 $given) $shutdownMs (div $shutdownMs 1000)) -}}
{{- else -}}
{{- int64 $given -}}
{{- end -}}
{{- end -}}
