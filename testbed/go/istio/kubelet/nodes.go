package main

import (
	"context"
	"fmt"
	"log"
	"time"

	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/ptr"
)

const (
	kubeletPort       = 10250
	leaseSeconds      = 40
	leaseRenewal      = 10 * time.Second
	nodeLeaseSpace    = "kube-node-lease"
	hostnameLabel     = "kubernetes.io/hostname"
	operatingSysLabel = "kubernetes.io/os"
	archLabel         = "kubernetes.io/arch"
)

// nodes are the machines of the cluster: objects only, all served by this one
// process, each big enough for any number of pods.
type nodes struct {
	client  kubernetes.Interface
	address string
	version string
	count   int
}

func newNodes(client kubernetes.Interface, o options) *nodes {
	return &nodes{client: client, address: o.address, version: o.version, count: o.nodes}
}

func (n *nodes) name(i int) string { return fmt.Sprintf("node-%d", i) }

// register creates the nodes, Ready, with their leases.
func (n *nodes) register(ctx context.Context) error {
	for i := range n.count {
		node := n.object(i)
		created, err := n.client.CoreV1().Nodes().Create(ctx, node, meta.CreateOptions{})
		if errors.IsAlreadyExists(err) {
			created, err = n.client.CoreV1().Nodes().Get(ctx, node.Name, meta.GetOptions{})
		}
		if err != nil {
			return fmt.Errorf("node %s: %w", node.Name, err)
		}
		if err := n.renewLease(ctx, node.Name); err != nil {
			return fmt.Errorf("lease of %s: %w", node.Name, err)
		}
		created.Status = node.Status
		if _, err := n.client.CoreV1().Nodes().UpdateStatus(ctx, created, meta.UpdateOptions{}); err != nil {
			return fmt.Errorf("status of %s: %w", node.Name, err)
		}
	}
	return nil
}

// renew keeps the leases alive, so that the node lifecycle controller does not
// evict the pods.
func (n *nodes) renew(ctx context.Context) {
	ticker := time.NewTicker(leaseRenewal)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		for i := range n.count {
			if err := n.renewLease(ctx, n.name(i)); err != nil {
				log.Printf("lease of %s: %v", n.name(i), err)
			}
		}
	}
}

func (n *nodes) renewLease(ctx context.Context, name string) error {
	leases := n.client.CoordinationV1().Leases(nodeLeaseSpace)
	now := meta.NowMicro()
	spec := coordination.LeaseSpec{
		HolderIdentity:       ptr.To(name),
		LeaseDurationSeconds: ptr.To(int32(leaseSeconds)),
		RenewTime:            &now,
	}
	lease, err := leases.Get(ctx, name, meta.GetOptions{})
	if errors.IsNotFound(err) {
		_, err = leases.Create(ctx, &coordination.Lease{ObjectMeta: meta.ObjectMeta{Name: name}, Spec: spec}, meta.CreateOptions{})
		return err
	}
	if err != nil {
		return err
	}
	lease.Spec = spec
	_, err = leases.Update(ctx, lease, meta.UpdateOptions{})
	return err
}

func (n *nodes) object(i int) *core.Node {
	name := n.name(i)
	capacity := core.ResourceList{
		core.ResourceCPU:              resource.MustParse("4k"),
		core.ResourceMemory:           resource.MustParse("16Ti"),
		core.ResourceEphemeralStorage: resource.MustParse("16Ti"),
		core.ResourcePods:             resource.MustParse("50k"),
	}
	now := meta.Now()
	condition := func(kind core.NodeConditionType, status core.ConditionStatus, reason string) core.NodeCondition {
		return core.NodeCondition{Type: kind, Status: status, Reason: reason, LastHeartbeatTime: now, LastTransitionTime: now}
	}
	return &core.Node{
		ObjectMeta: meta.ObjectMeta{
			Name:   name,
			Labels: map[string]string{hostnameLabel: name, operatingSysLabel: "linux", archLabel: "amd64"},
		},
		Status: core.NodeStatus{
			Capacity:    capacity,
			Allocatable: capacity,
			Conditions: []core.NodeCondition{
				condition(core.NodeReady, core.ConditionTrue, "KubeletReady"),
				condition(core.NodeMemoryPressure, core.ConditionFalse, "KubeletHasSufficientMemory"),
				condition(core.NodeDiskPressure, core.ConditionFalse, "KubeletHasNoDiskPressure"),
				condition(core.NodePIDPressure, core.ConditionFalse, "KubeletHasSufficientPID"),
			},
			Addresses: []core.NodeAddress{
				{Type: core.NodeInternalIP, Address: n.address},
				{Type: core.NodeHostName, Address: name},
			},
			DaemonEndpoints: core.NodeDaemonEndpoints{KubeletEndpoint: core.DaemonEndpoint{Port: kubeletPort}},
			NodeInfo: core.NodeSystemInfo{
				Architecture:            "amd64",
				OperatingSystem:         "linux",
				OSImage:                 "testbed",
				KernelVersion:           "testbed",
				ContainerRuntimeVersion: "testbed://1",
				KubeletVersion:          n.version,
			},
		},
	}
}
