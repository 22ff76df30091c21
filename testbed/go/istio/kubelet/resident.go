package main

import (
	"context"
	"fmt"
	"log"
	"sync"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// resident is what runs for one pod.
type resident struct {
	uid        types.UID
	address    string
	istiod     *istiod
	proxy      context.CancelFunc
	proxyReady bool
	gone       bool // its process has ended, so that the pod may be removed
}

// admit gives a pod its address.
func (k *kubelet) admit(key types.NamespacedName, pod *core.Pod) (*resident, error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if r := k.known[key]; r != nil {
		return r, nil
	}
	address := pod.Status.PodIP
	if address == "" {
		taken, err := k.addresses.take()
		if err != nil {
			return nil, err
		}
		address = taken
	} else {
		k.addresses.reserve(address)
	}
	r := &resident{uid: pod.UID, address: address}
	k.known[key] = r
	return r, nil
}

func (k *kubelet) startIstiod(ctx context.Context, key types.NamespacedName, pod *core.Pod, r *resident) error {
	if r.istiod != nil || pod.Labels["app"] != "istiod" {
		return nil
	}
	binary := k.images.pilot(pod.Spec.Containers[0].Image)
	if binary == "" || faultsOf(pod).pullFails {
		return nil
	}
	started, err := startIstiod(ctx, k.client, k.options, pod, binary, r.address, func() { k.queue.Add(key) })
	if err != nil {
		return fmt.Errorf("istiod: %w", err)
	}
	k.mutex.Lock()
	r.istiod = started
	k.mutex.Unlock()
	return nil
}

// startProxy connects the pod's sidecar once its image is there; the status
// follows from what istiod sends.
func (k *kubelet) startProxy(ctx context.Context, key types.NamespacedName, pod *core.Pod, r *resident, f faults) {
	container := proxyOf(pod)
	if r.proxy != nil || container == nil || k.images.missing(container.Image) {
		return
	}
	service, ok := discoveryServiceOf(pod, container)
	if !ok {
		log.Printf("pod %s: its istio-proxy has no discovery address", key)
		return
	}
	lifetime, cancel := context.WithCancel(ctx)
	k.mutex.Lock()
	r.proxy = cancel
	r.proxyReady = f.proxyAbsent || f.proxyStale
	k.mutex.Unlock()
	if f.proxyAbsent {
		return
	}
	p := &proxy{
		node: nodeOf(pod, container, r.address), service: service, endpoints: k.endpoints, pool: k.pool, stale: f.proxyStale,
		ready: func() { k.markProxyReady(key, r) },
	}
	go p.run(lifetime)
}

func (k *kubelet) markProxyReady(key types.NamespacedName, r *resident) {
	k.mutex.Lock()
	before := r.proxyReady
	r.proxyReady = true
	k.mutex.Unlock()
	if !before {
		k.queue.Add(key)
	}
}

// remove ends what runs for a pod that is being deleted, and then lets go of
// its object.
func (k *kubelet) remove(ctx context.Context, key types.NamespacedName, pod *core.Pod) error {
	k.mutex.Lock()
	r := k.known[key]
	waiting := r != nil && r.istiod != nil && !r.gone
	k.mutex.Unlock()
	if waiting {
		k.stopResident(r, func() {
			k.mutex.Lock()
			r.gone = true
			k.mutex.Unlock()
			k.queue.Add(key)
		})
		return nil
	}
	k.evict(key, nil)
	now := int64(0)
	err := k.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, meta.DeleteOptions{
		GracePeriodSeconds: &now,
		Preconditions:      &meta.Preconditions{UID: &pod.UID},
	})
	if errors.IsNotFound(err) || errors.IsConflict(err) {
		return nil
	}
	return err
}

// evict forgets a pod.
func (k *kubelet) evict(key types.NamespacedName, then func()) {
	k.mutex.Lock()
	r := k.known[key]
	delete(k.known, key)
	k.mutex.Unlock()
	if r == nil {
		return
	}
	k.stopResident(r, func() {
		k.addresses.release(r.address)
		if then != nil {
			then()
		}
	})
}

func (k *kubelet) stopResident(r *resident, then func()) {
	k.mutex.Lock()
	stopProxy, process := r.proxy, r.istiod
	k.mutex.Unlock()
	if stopProxy != nil {
		stopProxy()
	}
	if process == nil {
		then()
		return
	}
	process.stop(then)
}

func (k *kubelet) stopAll() {
	k.mutex.Lock()
	keys := make([]types.NamespacedName, 0, len(k.known))
	for key := range k.known {
		keys = append(keys, key)
	}
	k.mutex.Unlock()
	var group sync.WaitGroup
	for _, key := range keys {
		group.Add(1)
		k.mutex.Lock()
		present := k.known[key] != nil
		k.mutex.Unlock()
		if !present {
			group.Done()
			continue
		}
		k.evict(key, group.Done)
	}
	group.Wait()
}
