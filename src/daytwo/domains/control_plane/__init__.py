"""The cluster's own machinery: API, webhooks, aggregated APIs, quotas, namespaces."""
