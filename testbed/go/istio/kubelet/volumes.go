package main

import (
	"context"
	"log"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// volumes plays a provider of storage: each claim gets a volume of its own,
// which goes when the claim has gone. Which claim is bound to which volume is
// decided by Kubernetes' own controller.
type volumes struct {
	client kubernetes.Interface
}

func (v volumes) provide(ctx context.Context) error {
	factory := informers.NewSharedInformerFactory(v.client, 0)
	claims := factory.Core().V1().PersistentVolumeClaims().Informer()
	if _, err := claims.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) { v.add(ctx, object.(*core.PersistentVolumeClaim)) },
	}); err != nil {
		return err
	}
	made := factory.Core().V1().PersistentVolumes().Informer()
	if _, err := made.AddEventHandler(cache.ResourceEventHandlerFuncs{
		UpdateFunc: func(_, object any) { v.removeReleased(ctx, object.(*core.PersistentVolume)) },
	}); err != nil {
		return err
	}
	factory.Start(ctx.Done())
	return nil
}

func (v volumes) add(ctx context.Context, claim *core.PersistentVolumeClaim) {
	if claim.Spec.VolumeName != "" {
		return
	}
	class := ""
	if claim.Spec.StorageClassName != nil {
		class = *claim.Spec.StorageClassName
	}
	name := "pvc-" + string(claim.UID)
	volume := &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{Name: name},
		Spec: core.PersistentVolumeSpec{
			Capacity:         core.ResourceList{core.ResourceStorage: claim.Spec.Resources.Requests[core.ResourceStorage]},
			AccessModes:      claim.Spec.AccessModes,
			StorageClassName: class,
			VolumeMode:       claim.Spec.VolumeMode,
			ClaimRef: &core.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim",
				Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID,
			},
			PersistentVolumeReclaimPolicy: core.PersistentVolumeReclaimRetain,
			PersistentVolumeSource: core.PersistentVolumeSource{
				HostPath: &core.HostPathVolumeSource{Path: "/testbed/" + name},
			},
		},
	}
	_, err := v.client.CoreV1().PersistentVolumes().Create(ctx, volume, meta.CreateOptions{})
	if err != nil && !errors.IsAlreadyExists(err) {
		log.Printf("claim %s/%s: %v", claim.Namespace, claim.Name, err)
	}
}

func (v volumes) removeReleased(ctx context.Context, volume *core.PersistentVolume) {
	if volume.Status.Phase != core.VolumeReleased {
		return
	}
	err := v.client.CoreV1().PersistentVolumes().Delete(ctx, volume.Name, meta.DeleteOptions{})
	if err != nil && !errors.IsNotFound(err) {
		log.Printf("volume %s: %v", volume.Name, err)
	}
}
