package main

import (
	"encoding/json"
	"slices"

	core "k8s.io/api/core/v1"
)

const (
	proxyContainer   = "istio-proxy"
	statusAnnotation = "sidecar.istio.io/status"
)

// proxyOf returns the pod's istio-proxy: a regular container, or an init
// container where it is a native sidecar. It is nil for a pod outside the mesh.
func proxyOf(pod *core.Pod) *core.Container {
	for _, list := range [][]core.Container{pod.Spec.Containers, pod.Spec.InitContainers} {
		if i := slices.IndexFunc(list, func(c core.Container) bool { return c.Name == proxyContainer }); i >= 0 {
			return &list[i]
		}
	}
	return nil
}

// revisionOf returns the revision that injected the pod, as istiod recorded it.
func revisionOf(pod *core.Pod) string {
	var status struct {
		Revision string `json:"revision"`
	}
	if err := json.Unmarshal([]byte(pod.Annotations[statusAnnotation]), &status); err != nil {
		return ""
	}
	return status.Revision
}

// envOf resolves the environment of a container as a kubelet would, as far as
// Istio uses it.
func envOf(pod *core.Pod, container *core.Container) map[string]string {
	env := map[string]string{}
	for _, item := range container.Env {
		switch {
		case item.ValueFrom == nil:
			env[item.Name] = item.Value
		case item.ValueFrom.FieldRef != nil:
			if value, ok := field(pod, item.ValueFrom.FieldRef.FieldPath); ok {
				env[item.Name] = value
			}
		}
	}
	return env
}

func field(pod *core.Pod, path string) (string, bool) {
	switch path {
	case "metadata.name":
		return pod.Name, true
	case "metadata.namespace":
		return pod.Namespace, true
	case "spec.serviceAccountName":
		return pod.Spec.ServiceAccountName, true
	case "spec.nodeName":
		return pod.Spec.NodeName, true
	case "status.podIP":
		return pod.Status.PodIP, true
	case "status.hostIP":
		return pod.Status.HostIP, true
	}
	return "", false
}
