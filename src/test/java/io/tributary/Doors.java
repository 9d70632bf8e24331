package io.tributary;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.Objects;
import java.util.function.Supplier;

/** The class path of a user, who has put a provider beside what is ours. */
public final class Doors {
    private Doors() {}

    /** @param folder of the test resources, that has the provider's registration */
    public static <T> T with(String folder, Supplier<T> made) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        URL doors = Objects.requireNonNull(Doors.class.getResource("/" + folder + "/"), folder);
        thread.setContextClassLoader(new URLClassLoader(new URL[] {doors}, before));
        try {
            return made.get();
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
