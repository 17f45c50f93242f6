#!/bin/bash
# Builds, vets and tests a Go module of several packages, with cgo, generated code, benchmarks and coverage.
# needs: root
# workspace: go
set -euo pipefail
./install-packages golang-go
export HOME=$PWD GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local
mkdir -p module/sum module/native
cd module
printf 'module corpus\n\ngo 1.19\n' >go.mod
cat >sum/sum.go <<'GO'
// Package sum adds.
package sum

//go:generate sh -c "echo package sum > generated.go"

// Of gives the sum.
func Of(numbers ...int) (sum int) {
	for _, number := range numbers {
		sum += number
	}
	return sum
}
GO
cat >sum/sum_test.go <<'GO'
package sum

import (
	"net"
	"os/exec"
	"testing"
)

func TestOf(t *testing.T) {
	if Of(1, 2, 3) != 6 {
		t.Fatal("wrong")
	}
}

func TestProcess(t *testing.T) {
	if out, err := exec.Command("sh", "-c", "echo $0").Output(); err != nil || string(out) != "sh\n" {
		t.Fatal(err, string(out))
	}
}

func TestListen(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go listener.Accept()
	if _, err := net.Dial("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkOf(b *testing.B) {
	for i := 0; i < b.N; i++ {
		Of(1, 2, 3)
	}
}
GO
cat >native/main.go <<'GO'
package main

// static int answer(void) { return 42; }
import "C"

import (
	"corpus/sum"
	"fmt"
)

func main() { fmt.Println(sum.Of(int(C.answer()))) }
GO
go generate ./...
go vet ./...
go test -count=1 -cover -bench=. -benchtime=10x ./sum
[ "$(go run ./native)" = 42 ]
GOBIN=$PWD/installed go install ./native
[ "$(installed/native)" = 42 ]
CGO_ENABLED=0 GOOS=linux GOARCH=arm64 go build -o /dev/null ./sum
echo "CORPUS-OK go-tests"
