package io.culvert.tunnel.testkit.junit;

import io.culvert.tunnel.LocalTls;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.spi.StreamService;
import io.culvert.tunnel.spi.TunnelProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a tunnel is to end, as read from what is exposed.
 *
 * @param identity equal as long as a tunnel that was opened for it still fits
 * @param spec what to expose
 * @param onRelease to be run when the tunnel is over
 */
record Target(Object identity, TunnelSpec spec, Runnable onRelease) {
    private static final List<String> PORT_METHODS = List.of("getPort", "port", "getLocalPort");
    private static final Runnable NOTHING = () -> {};

    /**
     * Reads it.
     *
     * @param exposed anything that {@link Exposed} allows
     * @param name the tunnel's name, if it is not a random one
     * @return empty as long as it is not known
     * @throws IllegalArgumentException if it is nothing that can be exposed, with what is wrong as the end of a sentence
     */
    static Optional<Target> of(@Nullable Object exposed, Optional<String> name) {
        Object value = exposed;
        while (value instanceof Supplier<?> || value instanceof IntSupplier) {
            value = value instanceof Supplier<?> supplier ? supplier.get() : (Object) ((IntSupplier) value).getAsInt();
        }
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof TunnelSpec spec) {
            return Optional.of(new Target(spec, spec, NOTHING));
        }
        if (value instanceof StreamService service) {
            return Optional.of(new Target(service, named(TunnelSpec.builder(service), name), NOTHING));
        }
        Optional<StreamService> served = isAddress(value) ? Optional.empty() : serve(value);
        if (served.isPresent()) {
            StreamService service = served.get();
            return Optional.of(new Target(value, named(TunnelSpec.builder(service), name), () -> giveUp(service)));
        }
        return address(isAddress(value) ? value : ask(value))
                .map(address -> new Target(address, named(address.spec(), name), NOTHING));
    }

    /** Gives up what was made for the target. */
    void release() {
        onRelease.run();
    }

    /** Whether asking again may bring another target: a service stays what it is, and making one may leave traces. */
    boolean mayChange() {
        return identity instanceof Address;
    }

    private static TunnelSpec named(TunnelSpec.Builder spec, Optional<String> name) {
        name.ifPresent(spec::name);
        return spec.build();
    }

    private static Optional<StreamService> serve(Object server) {
        for (TunnelProvider provider : ServiceLoader.load(TunnelProvider.class)) {
            Optional<StreamService> service = provider.service(server);
            if (service.isPresent()) {
                return service;
            }
        }
        return Optional.empty();
    }

    private static void giveUp(StreamService service) {
        if (service instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception x) {
                throw new IllegalStateException("What served a tunnel could not be closed: " + x, x);
            }
        }
    }

    /** A port of this machine or of another. */
    private record Address(String host, int port, boolean tls) {
        TunnelSpec.Builder spec() {
            TunnelSpec.Builder spec = TunnelSpec.builder(port).localHost(host);
            return tls ? spec.localTls(LocalTls.verified()) : spec;
        }
    }

    private static boolean isAddress(Object value) {
        return value instanceof Integer || value instanceof URI || value instanceof InetSocketAddress;
    }

    private static Optional<Address> address(Object value) {
        if (value instanceof URI uri) {
            return Optional.of(address(uri));
        }
        if (value instanceof InetSocketAddress address) {
            boolean any = address.getAddress() != null && address.getAddress().isAnyLocalAddress();
            String host = any ? "localhost" : address.getHostString();
            return address.getPort() == 0 ? Optional.empty() : Optional.of(new Address(host, address.getPort(), false));
        }
        int port = (Integer) value;
        return port == 0 ? Optional.empty() : Optional.of(new Address("localhost", port, false));
    }

    private static Address address(URI uri) {
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        if (uri.getHost() == null || !(tls || "http".equalsIgnoreCase(uri.getScheme()))) {
            throw new IllegalArgumentException("is " + uri + ", which is no address of the form http://host:port");
        }
        int port = uri.getPort() != -1 ? uri.getPort() : tls ? 443 : 80;
        return new Address(uri.getHost(), port, tls);
    }

    /** Asks a server of any library where it listens. */
    private static Object ask(Object server) {
        for (Method method : publicMethods(server.getClass())) {
            boolean port = PORT_METHODS.contains(method.getName()) && method.getReturnType() == int.class;
            boolean address =
                    method.getName().equals("getAddress") && method.getReturnType() == InetSocketAddress.class;
            if (port || address) {
                return answer(server, method);
            }
        }
        throw new IllegalArgumentException("is of the type " + server.getClass().getName()
                + ", which has no port: expose an int port, an address, a StreamService or a TunnelSpec");
    }

    /** What may be called from here: methods of public classes and interfaces, however hidden the class of the object is. */
    private static List<Method> publicMethods(Class<?> type) {
        List<Class<?>> types = new ArrayList<>();
        for (Class<?> at = type; at != null; at = at.getSuperclass()) {
            types.add(at);
            types.addAll(List.of(at.getInterfaces()));
        }
        return types.stream()
                .filter(t ->
                        Modifier.isPublic(t.getModifiers()) && t.getModule().isExported(t.getPackageName()))
                .flatMap(t -> Stream.of(t.getMethods()))
                .filter(method -> method.getParameterCount() == 0
                        && Modifier.isPublic(method.getDeclaringClass().getModifiers()))
                .toList();
    }

    private static Object answer(Object server, Method method) {
        try {
            Object answer = method.invoke(server);
            if (answer == null || answer instanceof Integer port && port < 0) {
                return 0; // does not listen yet
            }
            return answer;
        } catch (InvocationTargetException x) {
            throw new IllegalArgumentException(
                    "cannot be asked for its port: " + method.getName() + "() threw " + x.getCause(), x.getCause());
        } catch (IllegalAccessException x) {
            throw new IllegalArgumentException("cannot be asked for its port: " + x.getMessage(), x);
        }
    }
}
