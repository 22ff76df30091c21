package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	authentication "k8s.io/api/authentication/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/ptr"
)

const (
	probeEager     = 200 * time.Millisecond
	probePeriod    = 2 * time.Second
	probeFailures  = 3
	terminateAfter = 3 * time.Second
	maxRestartWait = 30 * time.Second
	tokenLifetime  = 30 * 24 * time.Hour
)

// processState is what the status of an istiod pod tells about its process.
type processState struct {
	running  bool
	ready    bool
	restarts int
	lastExit string
	lastCode int
	lastTime time.Time
}

// istiod is the real pilot-discovery process of one istiod pod, restarted
// while the pod lives.
type istiod struct {
	dir     string
	binary  string
	address string
	args    []string
	env     []string
	changed func()

	mutex  sync.Mutex
	state  processState
	cancel context.CancelFunc
	done   chan struct{}
}

// startIstiod prepares a folder with the credentials of the pod's own service
// account, and starts the process with the pod's own arguments and
// environment; only its listeners are bound to the pod's address.
func startIstiod(ctx context.Context, client kubernetes.Interface, o options, pod *core.Pod, binary, address string, changed func()) (*istiod, error) {
	dir := filepath.Join(o.dir, "pods", fmt.Sprintf("%s_%s_%s", pod.Namespace, pod.Name, pod.UID))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := writeKubeconfig(ctx, client, o, pod, kubeconfig); err != nil {
		return nil, err
	}
	container := &pod.Spec.Containers[0]
	args := append([]string{}, container.Args...)
	args = append(args,
		"--httpAddr", net.JoinHostPort(address, "8080"),
		"--grpcAddr", net.JoinHostPort(address, "15010"),
		"--secureGRPCAddr", net.JoinHostPort(address, "15012"),
		"--httpsAddr", net.JoinHostPort(address, "15017"),
		"--monitoringAddr", net.JoinHostPort(address, "15014"),
		"--ctrlz_address", address,
		"--shutdownDuration", "1s",
		"--kubeconfig", kubeconfig,
	)
	lifetime, cancel := context.WithCancel(context.Background())
	i := &istiod{
		dir: dir, binary: binary, address: address, args: args, env: processEnv(pod, container, kubeconfig),
		changed: changed, cancel: cancel, done: make(chan struct{}),
	}
	go i.supervise(lifetime)
	return i, nil
}

// processEnv is the container's environment. The limit of new xDS streams a
// second is derived from the number of CPUs (25 on two): raised where the pod
// does not set it, since here thousands of proxies share the machine.
func processEnv(pod *core.Pod, container *core.Container, kubeconfig string) []string {
	env := envOf(pod, container)
	env["KUBECONFIG"] = kubeconfig
	env["PATH"] = os.Getenv("PATH")
	env["HOME"] = filepath.Dir(kubeconfig)
	if _, set := env["PILOT_MAX_REQUESTS_PER_SECOND"]; !set {
		env["PILOT_MAX_REQUESTS_PER_SECOND"] = "1000"
	}
	var list []string
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	return list
}

func writeKubeconfig(ctx context.Context, client kubernetes.Interface, o options, pod *core.Pod, path string) error {
	request := &authentication.TokenRequest{Spec: authentication.TokenRequestSpec{
		ExpirationSeconds: ptr.To(int64(tokenLifetime.Seconds())),
		BoundObjectRef:    &authentication.BoundObjectReference{APIVersion: "v1", Kind: "Pod", Name: pod.Name, UID: pod.UID},
	}}
	account := pod.Spec.ServiceAccountName
	token, err := client.CoreV1().ServiceAccounts(pod.Namespace).CreateToken(ctx, account, request, meta.CreateOptions{})
	if err != nil {
		return fmt.Errorf("token of %s: %w", account, err)
	}
	ca, err := os.ReadFile(o.caFile)
	if err != nil {
		return err
	}
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: pod
clusters: [{name: pod, cluster: {server: %q, certificate-authority-data: %s}}]
users: [{name: pod, user: {token: %s}}]
contexts: [{name: pod, context: {cluster: pod, user: pod}}]
`, o.apiServer, base64.StdEncoding.EncodeToString(ca), token.Status.Token)
	return os.WriteFile(path, []byte(text), 0o600)
}

func (i *istiod) supervise(ctx context.Context) {
	defer close(i.done)
	wait := time.Second
	for ctx.Err() == nil {
		started := time.Now()
		code, err := i.once(ctx)
		if ctx.Err() != nil {
			return
		}
		log.Printf("istiod %s ended: %v", i.dir, err)
		i.update(func(s *processState) {
			s.running, s.ready = false, false
			s.lastExit, s.lastCode, s.lastTime = fmt.Sprint(err), code, time.Now()
		})
		if time.Since(started) > time.Minute {
			wait = time.Second
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = min(2*wait, maxRestartWait)
		i.update(func(s *processState) { s.restarts++ })
	}
}

// once runs the process to its end. It stays on one thread, because the kernel
// ends the child when the thread that made it goes (Pdeathsig): so no istiod
// survives a killed kubelet.
func (i *istiod) once(ctx context.Context) (int, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	logFile, err := os.OpenFile(i.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return -1, err
	}
	defer logFile.Close()
	command := exec.Command(i.binary, i.args...)
	command.Dir, command.Env = i.dir, i.env
	command.Stdout, command.Stderr = logFile, logFile
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		return -1, err
	}
	i.update(func(s *processState) { s.running = true })
	alive, ended := context.WithCancel(ctx)
	go i.probe(alive)
	go terminate(ctx, alive, command.Process)
	err = command.Wait()
	ended()
	return exitCode(command.ProcessState), err
}

// exitCode is that of a container: 128 and the signal where one ended it.
func exitCode(state *os.ProcessState) int {
	if wait, ok := state.Sys().(syscall.WaitStatus); ok && wait.Signaled() {
		return 128 + int(wait.Signal())
	}
	return state.ExitCode()
}

// terminate asks the process to end when its pod goes, and insists.
func terminate(pod, process context.Context, p *os.Process) {
	select {
	case <-process.Done():
		if pod.Err() == nil {
			return
		}
	case <-pod.Done():
	}
	_ = p.Signal(syscall.SIGTERM)
	time.Sleep(terminateAfter)
	_ = p.Kill() // "already finished" when it has ended by then
}

// probe asks the process' own /ready, as the pod's readiness probe does.
func (i *istiod) probe(ctx context.Context) {
	client := &http.Client{Timeout: time.Second}
	url := "http://" + net.JoinHostPort(i.address, "8080") + "/ready"
	failures := 0
	for {
		ready := false
		if response, err := client.Get(url); err == nil {
			ready = response.StatusCode == http.StatusOK
			response.Body.Close()
		}
		period := probeEager
		if ready {
			failures, period = 0, probePeriod
		} else {
			failures++
		}
		if ctx.Err() != nil {
			return
		}
		if ready || failures >= probeFailures {
			i.update(func(s *processState) { s.ready = ready })
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(period):
		}
	}
}

func (i *istiod) update(change func(*processState)) {
	i.mutex.Lock()
	before := i.state
	change(&i.state)
	different := before != i.state
	i.mutex.Unlock()
	if different {
		i.changed()
	}
}

func (i *istiod) current() processState {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	return i.state
}

func (i *istiod) logPath() string { return filepath.Join(i.dir, "log") }

// stop ends the process and calls then when it is gone.
func (i *istiod) stop(then func()) {
	i.cancel()
	go func() {
		<-i.done
		then()
	}()
}
