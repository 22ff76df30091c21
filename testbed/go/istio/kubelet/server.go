package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/portforward"
)

const (
	forwardIdle    = 4 * time.Hour
	forwardTimeout = 30 * time.Second
	dialTimeout    = 5 * time.Second
)

// serve answers the API server: port-forward and logs, as any kubelet.
func serve(ctx context.Context, o options, k *kubelet) error {
	certificate, err := selfSigned(o.address)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(o.address, strconv.Itoa(kubeletPort)))
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/portForward/{namespace}/{pod}", k.portForward)
	mux.HandleFunc("/portForward/{namespace}/{pod}/{uid}", k.portForward)
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", k.containerLogs)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "the testbed's containers run nothing: "+r.URL.Path, http.StatusNotImplemented)
	})
	server := &http.Server{
		Handler:      mux,
		ErrorLog:     log.New(io.Discard, "", 0),
		TLSConfig:    &tls.Config{Certificates: []tls.Certificate{certificate}},
		TLSNextProto: map[string]func(*http.Server, *tls.Conn, http.Handler){}, // SPDY upgrades need HTTP/1.1
	}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	go func() { log.Printf("kubelet API: %v", server.ServeTLS(listener, "", "")) }()
	return nil
}

func (k *kubelet) portForward(w http.ResponseWriter, r *http.Request) {
	address := k.addressOf(r.PathValue("namespace"), r.PathValue("pod"))
	if address == "" {
		http.Error(w, "no such pod", http.StatusNotFound)
		return
	}
	options, err := portforward.NewV4Options(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	portforward.ServePortForward(w, r, forwarder{address}, r.PathValue("pod"), r.PathValue("uid"),
		options, forwardIdle, forwardTimeout, portforward.SupportedProtocols)
}

// forwarder connects a stream with a port of a pod. It dials from loopback, as
// a kubelet does inside the pod's own network: istiod's debug endpoints trust
// no other caller.
type forwarder struct{ address string }

// PortForward implements portforward.PortForwarder.
func (f forwarder) PortForward(ctx context.Context, _, _ string, port int32, stream io.ReadWriteCloser) error {
	defer stream.Close()
	dialer := net.Dialer{Timeout: dialTimeout, LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}
	connection, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(f.address, strconv.Itoa(int(port))))
	if err != nil {
		return err
	}
	defer connection.Close()
	ended := make(chan error, 2)
	go func() {
		_, err := io.Copy(connection, stream)
		ended <- err
	}()
	go func() {
		_, err := io.Copy(stream, connection)
		ended <- err
	}()
	select {
	case err = <-ended:
	case <-ctx.Done():
		err = ctx.Err()
	}
	return err
}

// containerLogs gives out the log of an istiod; every other container has
// nothing to say.
func (k *kubelet) containerLogs(w http.ResponseWriter, r *http.Request) {
	path := k.logOf(r.PathValue("namespace"), r.PathValue("pod"))
	if path == "" {
		return
	}
	text, err := os.ReadFile(path)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	if lines, err := strconv.Atoi(r.URL.Query().Get("tailLines")); err == nil {
		text = tail(text, lines)
	}
	_, _ = w.Write(text)
}

func tail(text []byte, lines int) []byte {
	rows := bytes.SplitAfter(text, []byte("\n"))
	if len(rows[len(rows)-1]) == 0 {
		rows = rows[:len(rows)-1]
	}
	return bytes.Join(rows[max(0, len(rows)-lines):], nil)
}

func selfSigned(address string) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "testbed-kubelet"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(1, 0, 0),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses:  []net.IP{net.ParseIP(address)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
