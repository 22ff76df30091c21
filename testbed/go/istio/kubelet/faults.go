package main

import (
	"time"

	core "k8s.io/api/core/v1"
)

// The switches of tests, as annotations on the pod template.
const (
	readyFault   = "testbed/ready"         // "never", or a duration after which the pod turns ready
	pullFault    = "testbed/pull"          // "fail"
	proxyFault   = "testbed/proxy"         // "absent" or "stale"
	onlyRevision = "testbed/only-revision" // the faults apply only to pods injected by this revision
)

// faults are what is wrong with a pod, on purpose.
type faults struct {
	neverReady  bool
	readyAfter  time.Duration
	pullFails   bool
	proxyAbsent bool
	proxyStale  bool
}

// faultsOf reads the switches of a pod.
func faultsOf(pod *core.Pod) faults {
	a := pod.Annotations
	if only := a[onlyRevision]; only != "" && only != revisionOf(pod) {
		return faults{}
	}
	f := faults{
		neverReady:  a[readyFault] == "never",
		pullFails:   a[pullFault] == "fail",
		proxyAbsent: a[proxyFault] == "absent",
		proxyStale:  a[proxyFault] == "stale",
	}
	if after, err := time.ParseDuration(a[readyFault]); err == nil {
		f.readyAfter = after
	}
	return f
}
