package corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    @Test
    void sumsInParallel() {
        assertEquals(50005000, Main.total(10000));
    }

    @Test
    void startsProcesses() throws Exception {
        Process process = new ProcessBuilder("sh", "-c", "exit 7").start();
        assertEquals(7, process.waitFor());
    }

    @Test
    void servesOnLoopback() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Future<Integer> answer = pool.submit(() -> {
                try (Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                        InputStream in = client.getInputStream()) {
                    return in.read();
                }
            });
            try (Socket accepted = server.accept()) {
                accepted.getOutputStream().write(42);
            }
            assertEquals(42, answer.get());
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void mapsFiles(@TempDir Path directory) throws Exception {
        Path file = Files.write(directory.resolve("file"), new byte[8192]);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            MappedByteBuffer map = channel.map(FileChannel.MapMode.READ_WRITE, 0, 8192);
            map.put(0, (byte) 1);
            map.force();
        }
        assertEquals(1, Files.readAllBytes(file)[0]);
    }
}
