// Command later is istioctl with other charts compiled in: those of the module
// as testbed/charts.ts has changed them, so that the testbed has a release that
// differs from the one before it. The build lays them beside this file with
// go's -overlay; without that it does not build.
package main

import (
	"embed"
	"fmt"
	"os"

	_ "k8s.io/client-go/plugin/pkg/client/auth"

	"istio.io/istio/istioctl/cmd"
	"istio.io/istio/manifests"
	"istio.io/istio/pkg/log"
)

//go:embed all:charts/* profiles/*
var changed embed.FS

// main is that of istio.io/istio/istioctl/cmd/istioctl, with other charts.
func main() {
	manifests.FS = changed
	if err := cmd.ConfigAndEnvProcessing(); err != nil {
		fmt.Fprintf(os.Stderr, "Could not initialize: %v\n", err)
		os.Exit(cmd.GetExitCode(err))
	}
	root := cmd.GetRootCmd(os.Args[1:])
	log.EnableKlogWithCobra()
	if err := root.Execute(); err != nil {
		os.Exit(cmd.GetExitCode(err))
	}
}
