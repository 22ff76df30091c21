// Command pki makes the keys of a testbed cluster: "pki init" everything the
// cluster starts with, "pki client" one more user for a test.
package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pki:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("want init or client")
	}
	flags := flag.NewFlagSet("pki "+args[0], flag.ContinueOnError)
	dir := flags.String("dir", ".", "folder of the keys")
	hosts := flags.String("hosts", "", "init: names and addresses of the API server, comma separated")
	name := flags.String("name", "", "client: user name; also the file name")
	group := flags.String("group", "", "client: group of the user")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "init":
		return initialise(*dir, strings.Split(*hosts, ","))
	case "client":
		ca, err := readAuthority(*dir)
		if err != nil {
			return err
		}
		return ca.client(*dir, *name, *group)
	}
	return fmt.Errorf("unknown command %q", args[0])
}

// initialise writes the authority, the API server's certificate and the key
// that signs service account tokens.
func initialise(dir string, hosts []string) error {
	ca, err := newAuthority()
	if err != nil {
		return err
	}
	if err := ca.write(dir); err != nil {
		return err
	}
	var names []string
	var addresses []net.IP
	for _, host := range hosts {
		if ip := net.ParseIP(host); ip != nil {
			addresses = append(addresses, ip)
		} else {
			names = append(names, host)
		}
	}
	if err := ca.server(dir, "apiserver", names, addresses); err != nil {
		return err
	}
	return writeServiceAccountKeys(filepath.Join(dir, "service-account"))
}
