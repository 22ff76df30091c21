module istio-upgrade/testbed/pki

go 1.25.0
