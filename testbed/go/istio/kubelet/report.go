package main

import (
	"context"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// writeStatus reports what is known about a pod, where that has changed.
func (k *kubelet) writeStatus(ctx context.Context, key types.NamespacedName, pod *core.Pod, r *resident, f faults) error {
	known := facts{now: time.Now(), address: r.address, hostIP: k.options.address, faults: f, missing: k.images.missing}
	k.mutex.Lock()
	known.proxyReady = r.proxyReady
	if r.istiod != nil {
		state := r.istiod.current()
		known.istiod = &state
	}
	k.mutex.Unlock()
	status := statusOf(pod, known)
	if wait := status.StartTime.Add(f.readyAfter).Sub(known.now); f.readyAfter > 0 && wait > 0 {
		k.queue.AddAfter(key, wait)
	}
	if equality.Semantic.DeepEqual(status, pod.Status) {
		return nil
	}
	updated := pod.DeepCopy()
	updated.Status = status
	_, err := k.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, updated, meta.UpdateOptions{})
	if err != nil {
		return err
	}
	k.tell(pod, status, f)
	return nil
}

// tell records the events by which a user finds out what a pod waits for.
func (k *kubelet) tell(pod *core.Pod, status core.PodStatus, f faults) {
	for _, s := range append(append([]core.ContainerStatus{}, status.InitContainerStatuses...), status.ContainerStatuses...) {
		if waitingFor(&s) == "ImagePullBackOff" && waitingFor(find(pod.Status.ContainerStatuses, s.Name)) != "ImagePullBackOff" {
			k.events.Eventf(pod, core.EventTypeWarning, "Failed", "Failed to pull image %q: not found", s.Image)
		}
		if f.neverReady && s.State.Running != nil && !s.Ready && s.Name != proxyContainer {
			k.events.Eventf(pod, core.EventTypeWarning, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")
		}
	}
}

func waitingFor(s *core.ContainerStatus) string {
	if s == nil || s.State.Waiting == nil {
		return ""
	}
	return s.State.Waiting.Reason
}
