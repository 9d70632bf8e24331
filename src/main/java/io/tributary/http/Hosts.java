package io.tributary.http;

import java.net.InetSocketAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names under which a server answers. A web page may point a name of its own at any address, and its reader's browser then sends this
 * name as {@code Host}: so a server of this machine answers only to this machine's names.
 */
public final class Hosts {
    private static final Pattern THIS_MACHINE = Pattern.compile("(127\\.0\\.0\\.1|localhost|\\[::1])(:\\d{1,5})?");
    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-fA-F:.]+])(:\\d{1,5})?");

    private Hosts() {}

    /** Whether the header {@code Host} is a name of this machine for itself. */
    public static boolean isThisMachine(@Nullable String host) {
        return host != null && THIS_MACHINE.matcher(host).matches();
    }

    /** Whether who listens there may answer to this {@code Host}: also to an address in numbers, or to the name asked for, if that is not this machine alone. */
    public static boolean isAnswered(@Nullable String host, InetSocketAddress listening) {
        return isThisMachine(host)
                || host != null
                        && !listening.getAddress().isLoopbackAddress()
                        && (NUMBERS.matcher(host).matches()
                                || host.replaceFirst(":\\d{1,5}$", "").equalsIgnoreCase(listening.getHostString()));
    }
}
