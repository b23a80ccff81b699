//go:build tools

// Package tools pins the program that charts are rendered with in the tests.
package tools

import (
	_ "helm.sh/helm/v3/cmd/helm"
)
