package main

import "strings"

// images says which images can be pulled. Istio's own exist under one hub and
// for the releases that have a pilot binary; everything else is an application
// and can always be pulled.
type images struct {
	hub  string
	tags map[string]string
}

var istioImages = map[string]bool{"pilot": true, "proxyv2": true, "install-cni": true, "ztunnel": true}

// missing reports whether an image cannot be pulled.
func (i images) missing(image string) bool {
	hub, name, tag := splitImage(image)
	if !istioImages[name] {
		return false
	}
	return hub != i.hub || i.tags[tag] == ""
}

// pilot returns the binary of a pilot image, or "" for any other image.
func (i images) pilot(image string) string {
	hub, name, tag := splitImage(image)
	if name != "pilot" || hub != i.hub {
		return ""
	}
	return i.tags[tag]
}

// splitImage cuts docker.io/istio/pilot:1.31.0-distroless into its hub, name
// and release.
func splitImage(image string) (hub, name, tag string) {
	if slash := strings.LastIndex(image, "/"); slash >= 0 {
		hub, image = image[:slash], image[slash+1:]
	}
	name, tag, _ = strings.Cut(image, ":")
	tag = strings.TrimSuffix(strings.TrimSuffix(tag, "-distroless"), "-debug")
	return hub, name, tag
}
