package main

import (
	"context"
	"fmt"
	"log"
	"path/filepath"
	"sync"
	"time"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typed "k8s.io/client-go/kubernetes/typed/core/v1"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
)

const workers = 8

// kubelet looks after the pods of all nodes.
type kubelet struct {
	client    kubernetes.Interface
	options   options
	images    images
	pods      listers.PodLister
	informers informers.SharedInformerFactory
	endpoints endpoints
	pool      *connections
	addresses *addresses
	events    record.EventRecorder
	queue     workqueue.TypedRateLimitingInterface[types.NamespacedName]

	mutex sync.Mutex
	known map[types.NamespacedName]*resident
}

// resident is what runs for one pod.
type resident struct {
	uid        types.UID
	address    string
	istiod     *istiod
	proxy      context.CancelFunc
	proxyReady bool
	gone       bool // its process has ended, so that the pod may be removed
}

func newKubelet(client kubernetes.Interface, o options) (*kubelet, error) {
	addresses, err := newAddresses(o.podCIDR)
	if err != nil {
		return nil, err
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(dropManagedFields))
	broadcaster := record.NewBroadcaster()
	broadcaster.StartRecordingToSink(&typed.EventSinkImpl{Interface: client.CoreV1().Events("")})
	k := &kubelet{
		client:    client,
		options:   o,
		images:    images{hub: o.hub, tags: o.pilots},
		pods:      factory.Core().V1().Pods().Lister(),
		informers: factory,
		endpoints: endpoints{factory.Discovery().V1().EndpointSlices().Lister()},
		pool:      newConnections(),
		addresses: addresses,
		events:    broadcaster.NewRecorder(scheme.Scheme, core.EventSource{Component: "kubelet"}),
		queue: workqueue.NewTypedRateLimitingQueue(
			workqueue.NewTypedItemExponentialFailureRateLimiter[types.NamespacedName](50*time.Millisecond, 5*time.Second)),
		known: map[types.NamespacedName]*resident{},
	}
	_, err = factory.Core().V1().Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    k.enqueue,
		UpdateFunc: func(_, pod any) { k.enqueue(pod) },
		DeleteFunc: k.enqueue,
	})
	return k, err
}

func dropManagedFields(object any) (any, error) {
	if accessor, ok := object.(meta.Object); ok {
		accessor.SetManagedFields(nil)
	}
	return object, nil
}

func (k *kubelet) enqueue(object any) {
	if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = gone.Obj
	}
	if pod, ok := object.(*core.Pod); ok && pod.Spec.NodeName != "" {
		k.queue.Add(types.NamespacedName{Namespace: pod.Namespace, Name: pod.Name})
	}
}

func (k *kubelet) run(ctx context.Context) error {
	k.informers.Start(ctx.Done())
	k.informers.WaitForCacheSync(ctx.Done())
	if ctx.Err() != nil {
		return nil
	}
	var group sync.WaitGroup
	for range workers {
		group.Go(func() { k.work(ctx) })
	}
	<-ctx.Done()
	k.queue.ShutDown()
	group.Wait()
	k.stopAll()
	return nil
}

func (k *kubelet) work(ctx context.Context) {
	for {
		key, closed := k.queue.Get()
		if closed {
			return
		}
		if err := k.sync(ctx, key); err != nil {
			if !errors.IsConflict(err) && !errors.IsNotFound(err) {
				log.Printf("pod %s: %v", key, err)
			}
			k.queue.AddRateLimited(key)
		} else {
			k.queue.Forget(key)
		}
		k.queue.Done(key)
	}
}

// sync brings what runs for a pod, and the pod's status, in line with its
// object.
func (k *kubelet) sync(ctx context.Context, key types.NamespacedName) error {
	pod, err := k.pods.Pods(key.Namespace).Get(key.Name)
	if errors.IsNotFound(err) {
		k.evict(key, nil)
		return nil
	}
	if err != nil {
		return err
	}
	k.mutex.Lock()
	old := k.known[key]
	k.mutex.Unlock()
	if old != nil && old.uid != pod.UID {
		k.evict(key, nil)
	}
	if pod.DeletionTimestamp != nil {
		return k.remove(ctx, key, pod)
	}
	if pod.Status.Phase == core.PodSucceeded || pod.Status.Phase == core.PodFailed {
		k.evict(key, nil)
		return nil
	}
	r, err := k.admit(key, pod)
	if err != nil {
		return err
	}
	f := faultsOf(pod)
	if err := k.startIstiod(ctx, key, pod, r); err != nil {
		return err
	}
	k.startProxy(ctx, key, pod, r, f)
	return k.writeStatus(ctx, key, pod, r, f)
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

func (k *kubelet) addressOf(namespace, name string) string {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if r := k.known[types.NamespacedName{Namespace: namespace, Name: name}]; r != nil {
		return r.address
	}
	return ""
}

func (k *kubelet) logOf(namespace, name string) string {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	r := k.known[types.NamespacedName{Namespace: namespace, Name: name}]
	if r == nil || r.istiod == nil {
		return ""
	}
	return filepath.Clean(r.istiod.logPath())
}
