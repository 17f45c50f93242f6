#!/bin/bash
# Installs Debian's Go, builds a program with parts of the standard library, tests it and runs it.
set -euo pipefail
./install-packages golang-go
export HOME=$PWD GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local CGO_ENABLED=0
mkdir -p program
cd program
cat >go.mod <<'MOD'
module corpus

go 1.19
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"sync"
)

func total(n int) (sum int) {
	var wait sync.WaitGroup
	var lock sync.Mutex
	for i := 1; i <= n; i++ {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			lock.Lock()
			defer lock.Unlock()
			sum += i
		}(i)
	}
	wait.Wait()
	return sum
}

func fetch() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "served") }))
	response, err := http.Get("http://" + listener.Addr().String())
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func main() {
	body, err := fetch()
	if err != nil {
		panic(err)
	}
	out, err := exec.Command("echo", "-n", "child").Output()
	if err != nil {
		panic(err)
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		panic(err)
	}
	fmt.Println(total(1000), body, string(out), len(interfaces) > 0)
}
GO
cat >main_test.go <<'GO'
package main

import "testing"

func TestTotal(t *testing.T) {
	t.Parallel()
	if total(10000) != 50005000 {
		t.Fatal("wrong sum")
	}
}
GO
gofmt -l . | tee unformatted
[ ! -s unformatted ]
go vet ./...
go test ./...
go build -o program .
[ "$(./program)" = "500500 served child true" ]
echo "CORPUS-OK go"
