package main

import (
	"encoding/json"
	"math/rand/v2"
	"net"
	"strings"

	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	listers "k8s.io/client-go/listers/discovery/v1"
)

const plaintextXDS = "15010"

// discoveryService is the Service a proxy takes its configuration from.
type discoveryService struct{ namespace, name string }

// discoveryServiceOf reads the discovery address that istiod wrote into the
// pod when it injected it: PROXY_CONFIG, and CA_ADDR where that has none.
func discoveryServiceOf(pod *core.Pod, proxy *core.Container) (discoveryService, bool) {
	env := envOf(pod, proxy)
	var config struct {
		DiscoveryAddress string `json:"discoveryAddress"`
	}
	_ = json.Unmarshal([]byte(env["PROXY_CONFIG"]), &config)
	address := config.DiscoveryAddress
	if address == "" {
		address = env["CA_ADDR"]
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return discoveryService{}, false
	}
	parts := strings.Split(host, ".")
	if len(parts) < 2 {
		return discoveryService{}, false
	}
	return discoveryService{name: parts[0], namespace: parts[1]}, true
}

// endpoints finds the ready istiods behind a Service.
type endpoints struct{ slices listers.EndpointSliceLister }

// pick returns the address of one ready endpoint, or "" where there is none.
func (e endpoints) pick(service discoveryService) string {
	selector := labels.SelectorFromSet(labels.Set{discovery.LabelServiceName: service.name})
	list, err := e.slices.EndpointSlices(service.namespace).List(selector)
	if err != nil {
		return ""
	}
	var ready []string
	for _, slice := range list {
		for _, endpoint := range slice.Endpoints {
			if endpoint.Conditions.Ready != nil && *endpoint.Conditions.Ready {
				ready = append(ready, endpoint.Addresses...)
			}
		}
	}
	if len(ready) == 0 {
		return ""
	}
	return net.JoinHostPort(ready[rand.IntN(len(ready))], plaintextXDS)
}
