package main

import (
	"math"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// streamsPerConnection keeps the number of sockets small with ten thousand
// proxies in one process, and yet no stream behind too many others.
const streamsPerConnection = 100

// connections shares gRPC connections between the streams to one istiod.
type connections struct {
	mutex sync.Mutex
	open  map[string][]*connection
}

type connection struct {
	client  *grpc.ClientConn
	streams int
}

func newConnections() *connections { return &connections{open: map[string][]*connection{}} }

// get returns a connection with room for one more stream, and what to call
// when the stream has ended.
func (c *connections) get(address string) (*grpc.ClientConn, func(), error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, candidate := range c.open[address] {
		if candidate.streams < streamsPerConnection {
			candidate.streams++
			return candidate.client, func() { c.release(address, candidate) }, nil
		}
	}
	client, err := grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32)),
		grpc.WithDisableServiceConfig(),
	)
	if err != nil {
		return nil, nil, err
	}
	opened := &connection{client: client, streams: 1}
	c.open[address] = append(c.open[address], opened)
	return client, func() { c.release(address, opened) }, nil
}

func (c *connections) release(address string, used *connection) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	used.streams--
	if used.streams > 0 {
		return
	}
	_ = used.client.Close()
	list := c.open[address]
	for i := range list {
		if list[i] == used {
			c.open[address] = append(list[:i:i], list[i+1:]...)
			break
		}
	}
	if len(c.open[address]) == 0 {
		delete(c.open, address)
	}
}
