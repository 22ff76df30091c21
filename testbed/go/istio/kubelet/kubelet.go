package main

import (
	"context"
	"log"
	"path/filepath"
	"sync"
	"time"

	core "k8s.io/api/core/v1"
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
