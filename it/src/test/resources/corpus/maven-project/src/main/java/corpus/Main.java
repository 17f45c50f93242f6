package corpus;

import java.util.stream.IntStream;

public final class Main {
    private Main() {}

    static int total(int n) {
        return IntStream.rangeClosed(1, n).parallel().sum();
    }

    public static void main(String[] args) {
        if (total(1000) != 500500) {
            throw new IllegalStateException("wrong sum");
        }
    }
}
