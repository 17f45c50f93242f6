#!/bin/bash
# Installs a JDK, compiles, archives, documents and runs a program that starts processes, a server and a debugger’s agent.
# needs: root
# workspace: maven
set -euo pipefail
mkdir -p /usr/share/man/man1
./install-packages openjdk-17-jdk-headless
mkdir -p source classes
cat >source/Main.java <<'JAVA'
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.*;
import java.nio.file.*;

public class Main {
  public static void main(String[] arguments) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", exchange -> { exchange.sendResponseHeaders(204, -1); exchange.close(); });
    server.start();
    int status = HttpClient.newHttpClient().send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/")).build(),
        HttpResponse.BodyHandlers.discarding()).statusCode();
    server.stop(0);
    Process process = new ProcessBuilder("sh", "-c", "exit 3").start();
    Thread.sleep(10);
    System.out.println(status + " " + process.waitFor() + " " + Files.exists(Path.of("/proc/self/maps")));
  }
}
JAVA
javac -d classes source/Main.java
jar --create --file main.jar --main-class Main -C classes .
[ "$(java -jar main.jar)" = "204 3 true" ]
java -XX:+UseSerialGC -Xshare:auto -cp classes Main
java -Xmx64m -jar main.jar & program=$!
jcmd -l >/dev/null
wait $program
keytool -genkeypair -alias corpus -keyalg EC -dname CN=corpus -storepass corpus -keystore keys.p12 2>/dev/null
jar --list --file main.jar >/dev/null
javap -cp classes Main >/dev/null
echo "CORPUS-OK java-tools"
