package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	envoy "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	http "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/protobuf/types/known/structpb"
	core "k8s.io/api/core/v1"
)

const (
	typePrefix   = "type.googleapis.com/envoy.config."
	clusterType  = typePrefix + "cluster.v3.Cluster"
	endpointType = typePrefix + "endpoint.v3.ClusterLoadAssignment"
	listenerType = typePrefix + "listener.v3.Listener"
	routeType    = typePrefix + "route.v3.RouteConfiguration"

	firstRetry = 200 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// proxy is the xDS side of one pod's istio-proxy: one live stream to an istiod
// of the pod's own revision, for as long as the pod lives.
type proxy struct {
	node      *envoy.Node
	service   discoveryService
	endpoints endpoints
	pool      *connections
	stale     bool
	ready     func()
}

// nodeOf says who the proxy is, from what istiod injected: nothing made up but
// the address. The version is that of the pod's own proxy image.
func nodeOf(pod *core.Pod, container *core.Container, address string) *envoy.Node {
	env := envOf(pod, container)
	metadata := map[string]any{
		"NAMESPACE":       pod.Namespace,
		"NAME":            pod.Name,
		"SERVICE_ACCOUNT": pod.Spec.ServiceAccountName,
		"INSTANCE_IPS":    address,
		"LABELS":          anyMap(pod.Labels),
		"PROXY_CONFIG":    map[string]any{},
	}
	for name, value := range env {
		if key, ok := strings.CutPrefix(name, "ISTIO_META_"); ok {
			metadata[key] = value
		}
	}
	var config map[string]any
	if json.Unmarshal([]byte(env["PROXY_CONFIG"]), &config) == nil && config != nil {
		metadata["PROXY_CONFIG"] = config
	}
	_, _, tag := splitImage(container.Image)
	metadata["ISTIO_VERSION"] = tag
	values, err := structpb.NewStruct(metadata)
	if err != nil {
		values = &structpb.Struct{}
	}
	role := "sidecar"
	if len(container.Args) > 1 && container.Args[0] == "proxy" {
		role = container.Args[1]
	}
	id := fmt.Sprintf("%s~%s~%s.%s~%s.svc.cluster.local", role, address, pod.Name, pod.Namespace, pod.Namespace)
	return &envoy.Node{Id: id, Metadata: values}
}

func anyMap(values map[string]string) map[string]any {
	result := map[string]any{}
	for key, value := range values {
		result[key] = value
	}
	return result
}

// run keeps the proxy connected until ctx ends.
func (p *proxy) run(ctx context.Context) {
	retry := firstRetry
	for ctx.Err() == nil {
		started := time.Now()
		if address := p.endpoints.pick(p.service); address != "" {
			p.stream(ctx, address)
		}
		if time.Since(started) > lastRetry {
			retry = firstRetry
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(retry/2 + rand.N(retry)):
		}
		retry = min(2*retry, lastRetry)
	}
}

// stream speaks with one istiod until either side ends it.
func (p *proxy) stream(ctx context.Context, address string) {
	connection, release, err := p.pool.get(address)
	if err != nil {
		return
	}
	defer release()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := discovery.NewAggregatedDiscoveryServiceClient(connection).StreamAggregatedResources(ctx)
	if err != nil {
		return
	}
	s := &session{proxy: p, stream: stream, names: map[string][]string{}, acked: map[string]bool{}}
	for _, kind := range []string{clusterType, listenerType} {
		if err := stream.Send(&discovery.DiscoveryRequest{Node: p.node, TypeUrl: kind}); err != nil {
			return
		}
	}
	for {
		response, err := stream.Recv()
		if err != nil || s.handle(response) != nil {
			return
		}
	}
}

// session is the state of one stream.
type session struct {
	proxy  *proxy
	stream discovery.AggregatedDiscoveryService_StreamAggregatedResourcesClient
	names  map[string][]string // what is subscribed of endpoints and routes
	acked  map[string]bool
}

// handle acknowledges a push and subscribes to what it refers to, as Envoy
// does: endpoints of clusters, routes of listeners.
func (s *session) handle(response *discovery.DiscoveryResponse) error {
	if s.proxy.stale {
		return nil
	}
	if err := s.stream.Send(&discovery.DiscoveryRequest{
		TypeUrl:       response.TypeUrl,
		VersionInfo:   response.VersionInfo,
		ResponseNonce: response.Nonce,
		ResourceNames: s.names[response.TypeUrl],
	}); err != nil {
		return err
	}
	s.acked[response.TypeUrl] = true
	if s.acked[clusterType] && s.acked[listenerType] {
		s.proxy.ready()
	}
	switch response.TypeUrl {
	case clusterType:
		return s.subscribe(endpointType, edsNames(response))
	case listenerType:
		return s.subscribe(routeType, rdsNames(response))
	}
	return nil
}

func (s *session) subscribe(kind string, names map[string]bool) error {
	sorted := slices.Sorted(maps.Keys(names))
	if len(sorted) == 0 || slices.Equal(sorted, s.names[kind]) {
		return nil
	}
	s.names[kind] = sorted
	return s.stream.Send(&discovery.DiscoveryRequest{TypeUrl: kind, ResourceNames: sorted})
}

func edsNames(response *discovery.DiscoveryResponse) map[string]bool {
	names := map[string]bool{}
	for _, resource := range response.Resources {
		c := &cluster.Cluster{}
		if resource.UnmarshalTo(c) != nil || c.GetType() != cluster.Cluster_EDS {
			continue
		}
		name := c.GetEdsClusterConfig().GetServiceName()
		if name == "" {
			name = c.Name
		}
		names[name] = true
	}
	return names
}

func rdsNames(response *discovery.DiscoveryResponse) map[string]bool {
	names := map[string]bool{}
	for _, resource := range response.Resources {
		l := &listener.Listener{}
		if resource.UnmarshalTo(l) != nil {
			continue
		}
		for _, chain := range append(l.FilterChains, l.DefaultFilterChain) {
			for _, filter := range chain.GetFilters() {
				manager := &http.HttpConnectionManager{}
				if filter.GetTypedConfig().UnmarshalTo(manager) == nil && manager.GetRds() != nil {
					names[manager.GetRds().RouteConfigName] = true
				}
			}
		}
	}
	return names
}
