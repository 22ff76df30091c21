// Command kubelet is the one node agent of the testbed. It registers the
// nodes, gives every pod its status, runs a real pilot-discovery process for
// each istiod pod, speaks xDS for each injected pod, answers what the API
// server asks of a kubelet (port-forward, logs), and provides volumes.
//
// It never decides anything that Istio should decide: injection comes from
// istiod's own webhook, readiness of istiod from the process' own /ready, and
// what proxies are in sync from istiod's own account of the streams.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// options are the command line.
type options struct {
	kubeconfig string
	apiServer  string
	caFile     string
	address    string
	podCIDR    string
	dir        string
	version    string
	nodes      int
	hub        string
	pilots     pilotFlag
}

// pilotFlag collects the repeated --pilot TAG=PATH.
type pilotFlag map[string]string

func (p pilotFlag) String() string { return fmt.Sprint(map[string]string(p)) }

// Set implements flag.Value.
func (p pilotFlag) Set(value string) error {
	tag, path, ok := strings.Cut(value, "=")
	if !ok {
		return fmt.Errorf("want TAG=PATH, got %q", value)
	}
	p[tag] = path
	return nil
}

func parseOptions() options {
	o := options{pilots: pilotFlag{}}
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "credentials of the kubelet")
	flag.StringVar(&o.apiServer, "api-server", "", "URL of the API server, for istiod's own kubeconfig")
	flag.StringVar(&o.caFile, "ca", "", "certificate authority of the API server")
	flag.StringVar(&o.address, "address", "10.10.0.1", "address of every node, and of the kubelet API")
	flag.StringVar(&o.podCIDR, "pod-cidr", "10.244.0.0/16", "addresses of pods; all of them must be local")
	flag.StringVar(&o.dir, "dir", "", "folder for the processes' working directories and logs")
	flag.StringVar(&o.version, "kubelet-version", "", "version the nodes report")
	flag.IntVar(&o.nodes, "nodes", 3, "number of nodes")
	flag.StringVar(&o.hub, "hub", "docker.io/istio", "the only registry that holds Istio's images")
	flag.Var(o.pilots, "pilot", "TAG=PATH of a pilot-discovery binary; repeatable")
	flag.Parse()
	return o
}

func main() {
	o := parseOptions()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		log.Printf("kubelet: %v", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return err
	}
	config.QPS, config.Burst = 2000, 4000
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	nodes := newNodes(client, o)
	if err := nodes.register(ctx); err != nil {
		return err
	}
	go nodes.renew(ctx)

	if err := (volumes{client}).provide(ctx); err != nil {
		return err
	}
	kubelet, err := newKubelet(client, o)
	if err != nil {
		return err
	}
	if err := serve(ctx, o, kubelet); err != nil {
		return err
	}
	return kubelet.run(ctx)
}
