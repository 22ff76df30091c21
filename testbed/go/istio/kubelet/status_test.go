package main

import (
	"testing"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

var start = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

func podWith(proxyIsNative bool, annotations map[string]string) *core.Pod {
	proxy := core.Container{Name: proxyContainer, Image: "docker.io/istio/proxyv2:1.31.0"}
	pod := &core.Pod{
		ObjectMeta: meta.ObjectMeta{Name: "cart", Annotations: annotations},
		Spec: core.PodSpec{
			RestartPolicy: core.RestartPolicyAlways,
			Containers:    []core.Container{{Name: "cart", Image: "registry.example/cart:1"}},
		},
	}
	if proxyIsNative {
		proxy.RestartPolicy = ptr.To(core.ContainerRestartPolicyAlways)
		proxy.StartupProbe = &core.Probe{}
		pod.Spec.InitContainers = []core.Container{proxy}
	} else {
		pod.Spec.Containers = append(pod.Spec.Containers, proxy)
	}
	return pod
}

func factsOf(pod *core.Pod, proxyReady bool) facts {
	known := images{hub: "docker.io/istio", tags: map[string]string{"1.31.0": "/pilot"}}
	return facts{now: start, address: "10.244.0.1", hostIP: "10.10.0.1", faults: faultsOf(pod), missing: known.missing, proxyReady: proxyReady}
}

func ready(status core.PodStatus) bool {
	for _, c := range status.Conditions {
		if c.Type == core.PodReady {
			return c.Status == core.ConditionTrue
		}
	}
	return false
}

func TestPodIsReadyOnlyWithItsProxy(t *testing.T) {
	for _, native := range []bool{true, false} {
		pod := podWith(native, nil)
		if s := statusOf(pod, factsOf(pod, false)); ready(s) {
			t.Errorf("native %v: ready without configuration", native)
		}
		s := statusOf(pod, factsOf(pod, true))
		if !ready(s) || s.Phase != core.PodRunning {
			t.Errorf("native %v: not ready: %+v", native, s)
		}
	}
}

func TestApplicationWaitsForNativeSidecar(t *testing.T) {
	pod := podWith(true, nil)
	s := statusOf(pod, factsOf(pod, false))
	if s.Phase != core.PodPending || waitingFor(find(s.ContainerStatuses, "cart")) != "PodInitializing" {
		t.Errorf("phase %s, %+v", s.Phase, s.ContainerStatuses)
	}
}

func TestFaults(t *testing.T) {
	never := podWith(false, map[string]string{readyFault: "never"})
	if s := statusOf(never, factsOf(never, true)); ready(s) || s.Phase != core.PodRunning {
		t.Errorf("never ready: %+v", s)
	}
	pull := podWith(false, map[string]string{pullFault: "fail"})
	s := statusOf(pull, factsOf(pull, true))
	if s.Phase != core.PodPending || waitingFor(find(s.ContainerStatuses, "cart")) != "ImagePullBackOff" {
		t.Errorf("pull fails: %+v", s)
	}
	late := podWith(false, map[string]string{readyFault: "10s"})
	f := factsOf(late, true)
	late.Status = statusOf(late, f)
	if ready(late.Status) {
		t.Error("ready at once")
	}
	f.now = start.Add(10 * time.Second)
	if !ready(statusOf(late, f)) {
		t.Error("not ready after its time")
	}
}

func TestFaultsOfOneRevision(t *testing.T) {
	switches := map[string]string{readyFault: "never", onlyRevision: "1-31-0", statusAnnotation: `{"revision":"1-30-0"}`}
	if faultsOf(podWith(true, switches)) != (faults{}) {
		t.Error("applies to another revision")
	}
	switches[statusAnnotation] = `{"revision":"1-31-0"}`
	if !faultsOf(podWith(true, switches)).neverReady {
		t.Error("does not apply to its revision")
	}
}

func TestStatusIsStable(t *testing.T) {
	pod := podWith(true, nil)
	f := factsOf(pod, true)
	pod.Status = statusOf(pod, f)
	f.now = start.Add(time.Hour)
	again := statusOf(pod, f)
	if again.Conditions[0].LastTransitionTime != pod.Status.Conditions[0].LastTransitionTime ||
		*again.ContainerStatuses[0].State.Running != *pod.Status.ContainerStatuses[0].State.Running {
		t.Error("times move although nothing changed")
	}
}

func TestImages(t *testing.T) {
	known := images{hub: "docker.io/istio", tags: map[string]string{"1.31.0": "/pilot"}}
	for image, missing := range map[string]bool{
		"docker.io/istio/pilot:1.31.0":              false,
		"docker.io/istio/proxyv2:1.31.0-distroless": false,
		"docker.io/istio/proxyv2:1.32.0":            true,
		"broken.example/pilot:1.31.0":               true,
		"registry.example/cart:1":                   false,
	} {
		if known.missing(image) != missing {
			t.Errorf("%s: missing is %v", image, !missing)
		}
	}
}
