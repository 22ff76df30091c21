package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// facts are what is known about a pod beside its object, when its status is
// written.
type facts struct {
	now        time.Time
	address    string
	hostIP     string
	faults     faults
	missing    func(image string) bool
	istiod     *processState // nil where the pod is no istiod
	proxyReady bool          // the sidecar has had its first configuration
}

// statusOf is the status a kubelet would write for the pod. It is pure, and
// keeps the times of what has not changed, so that equal facts give an equal
// status.
func statusOf(pod *core.Pod, f facts) core.PodStatus {
	status := *pod.Status.DeepCopy()
	if status.StartTime == nil {
		status.StartTime = &meta.Time{Time: f.now.Truncate(time.Second)}
	}
	status.HostIP, status.HostIPs = f.hostIP, []core.HostIP{{IP: f.hostIP}}
	status.PodIP, status.PodIPs = f.address, []core.PodIP{{IP: f.address}}

	w := writer{pod: pod, facts: f, since: status.StartTime.Time}
	initialized := w.initContainers(&status)
	w.containers(&status, initialized)
	status.Phase = phaseOf(pod, status, initialized)
	w.conditions(&status, initialized)
	return status
}

// appReady reports whether the application has passed its readiness probe.
func (f facts) appReady(since time.Time) bool {
	return !f.faults.neverReady && !f.now.Before(since.Add(f.faults.readyAfter))
}

type writer struct {
	pod   *core.Pod
	facts facts
	since time.Time
}

// initContainers runs the init containers in order and reports whether the
// others may start. A native sidecar lets them start once its startup probe
// has succeeded, which for istio-proxy means: once it has its configuration.
func (w writer) initContainers(status *core.PodStatus) bool {
	previous := status.InitContainerStatuses
	status.InitContainerStatuses = nil
	initialized := true
	for _, c := range w.pod.Spec.InitContainers {
		s := w.status(c, previous)
		sidecar := c.RestartPolicy != nil && *c.RestartPolicy == core.ContainerRestartPolicyAlways
		switch {
		case !initialized:
			w.wait(&s, "PodInitializing", "")
		case w.facts.missing(c.Image):
			w.backOff(&s, c)
			initialized = false
		case sidecar:
			w.run(&s, previous, w.facts.proxyReady)
			s.Started = &s.Ready
			initialized = s.Ready || c.StartupProbe == nil
		default:
			w.complete(&s, previous)
		}
		status.InitContainerStatuses = append(status.InitContainerStatuses, s)
	}
	return initialized
}

func (w writer) containers(status *core.PodStatus, initialized bool) {
	previous := status.ContainerStatuses
	status.ContainerStatuses = nil
	app := w.app()
	for _, c := range w.pod.Spec.Containers {
		s := w.status(c, previous)
		switch {
		case !initialized:
			w.wait(&s, "PodInitializing", "")
		case w.facts.missing(c.Image), w.facts.faults.pullFails && c.Name == app:
			w.backOff(&s, c)
		case w.facts.istiod != nil && c.Name == app:
			w.process(&s, previous)
		case c.Name == proxyContainer:
			w.run(&s, previous, w.facts.proxyReady)
		case w.pod.Spec.RestartPolicy != core.RestartPolicyAlways:
			w.complete(&s, previous)
			s.Ready = false
		default:
			w.run(&s, previous, c.Name != app || w.facts.appReady(w.since))
		}
		status.ContainerStatuses = append(status.ContainerStatuses, s)
	}
	slices.SortFunc(status.ContainerStatuses, func(a, b core.ContainerStatus) int { return strings.Compare(a.Name, b.Name) })
}

// app is the container that the faults of the pod are about: its first one
// beside the sidecar.
func (w writer) app() string {
	for _, c := range w.pod.Spec.Containers {
		if c.Name != proxyContainer {
			return c.Name
		}
	}
	return ""
}

func (w writer) status(c core.Container, previous []core.ContainerStatus) core.ContainerStatus {
	started := false
	s := core.ContainerStatus{Name: c.Name, Image: c.Image, Started: &started}
	if old := find(previous, c.Name); old != nil {
		s.RestartCount, s.LastTerminationState = old.RestartCount, old.LastTerminationState
	}
	return s
}

func (w writer) wait(s *core.ContainerStatus, reason, message string) {
	s.State.Waiting = &core.ContainerStateWaiting{Reason: reason, Message: message}
}

func (w writer) backOff(s *core.ContainerStatus, c core.Container) {
	w.wait(s, "ImagePullBackOff", fmt.Sprintf("Back-off pulling image %q", c.Image))
}

func (w writer) run(s *core.ContainerStatus, previous []core.ContainerStatus, ready bool) {
	started := true
	s.Started, s.Ready = &started, ready
	s.ImageID = s.Image
	s.ContainerID = fmt.Sprintf("testbed://%s/%s", w.pod.UID, s.Name)
	if old := find(previous, s.Name); old != nil && old.State.Running != nil && old.RestartCount == s.RestartCount {
		s.State.Running = old.State.Running
		return
	}
	s.State.Running = &core.ContainerStateRunning{StartedAt: w.now()}
}

func (w writer) complete(s *core.ContainerStatus, previous []core.ContainerStatus) {
	s.Ready = true
	s.ImageID = s.Image
	if old := find(previous, s.Name); old != nil && old.State.Terminated != nil {
		s.State.Terminated = old.State.Terminated
		return
	}
	s.State.Terminated = &core.ContainerStateTerminated{Reason: "Completed", StartedAt: w.now(), FinishedAt: w.now()}
}

// process reports the pilot-discovery process behind an istiod container.
func (w writer) process(s *core.ContainerStatus, previous []core.ContainerStatus) {
	p := w.facts.istiod
	s.RestartCount = int32(p.restarts)
	if p.lastExit != "" {
		s.LastTerminationState.Terminated = &core.ContainerStateTerminated{
			Reason: "Error", ExitCode: int32(p.lastCode), Message: p.lastExit, FinishedAt: meta.Time{Time: p.lastTime.Truncate(time.Second)},
		}
	}
	if !p.running {
		reason := "ContainerCreating"
		if p.restarts > 0 || p.lastExit != "" {
			reason = "CrashLoopBackOff"
		}
		w.wait(s, reason, p.lastExit)
		return
	}
	w.run(s, previous, p.ready)
}

func (w writer) now() meta.Time { return meta.Time{Time: w.facts.now.Truncate(time.Second)} }

func phaseOf(pod *core.Pod, status core.PodStatus, initialized bool) core.PodPhase {
	if !initialized {
		return core.PodPending
	}
	done := 0
	for _, s := range status.ContainerStatuses {
		if s.State.Waiting != nil && s.LastTerminationState.Terminated == nil {
			return core.PodPending
		}
		if s.State.Terminated != nil {
			done++
		}
	}
	regular := len(pod.Spec.Containers)
	if proxy := find(status.ContainerStatuses, proxyContainer); proxy != nil {
		regular--
	}
	if done > 0 && done == regular {
		return core.PodSucceeded
	}
	return core.PodRunning
}

func (w writer) conditions(status *core.PodStatus, initialized bool) {
	var unready []string
	for _, s := range status.ContainerStatuses {
		if !s.Ready {
			unready = append(unready, s.Name)
		}
	}
	for _, s := range status.InitContainerStatuses {
		if s.Name == proxyContainer && !s.Ready {
			unready = append(unready, s.Name)
		}
	}
	w.condition(status, core.PodReadyToStartContainers, true, "", "")
	w.condition(status, core.PodInitialized, initialized, "ContainersNotInitialized", "")
	message := fmt.Sprintf("containers with unready status: [%s]", strings.Join(unready, " "))
	w.condition(status, core.ContainersReady, len(unready) == 0, "ContainersNotReady", message)
	w.condition(status, core.PodReady, len(unready) == 0, "ContainersNotReady", message)
}

func (w writer) condition(status *core.PodStatus, kind core.PodConditionType, value bool, reason, message string) {
	c := core.PodCondition{Type: kind, Status: core.ConditionTrue, LastTransitionTime: w.now()}
	if !value {
		c.Status, c.Reason, c.Message = core.ConditionFalse, reason, message
	}
	i := slices.IndexFunc(status.Conditions, func(old core.PodCondition) bool { return old.Type == kind })
	if i < 0 {
		status.Conditions = append(status.Conditions, c)
		return
	}
	if status.Conditions[i].Status == c.Status {
		c.LastTransitionTime = status.Conditions[i].LastTransitionTime
	}
	status.Conditions[i] = c
}

func find(list []core.ContainerStatus, name string) *core.ContainerStatus {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}
