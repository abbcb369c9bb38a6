package io.culvert.tunnel.cli.shell;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/**
 * Turns SIGINT, SIGTERM and SIGHUP into a {@link Stop}, so that the command drains and exits with its own code. A second
 * signal, or a drain that takes too long, ends the process at once.
 *
 * <p>A shutdown hook cannot do this: the process would end with 128 + signal, and a second signal would be ignored. The signal API
 * of the JDK is reached by reflection because the compiler warns about every other use of it.
 */
public final class Signals {
    private static final long SILENCE_MILLIS = 1_000;

    private final Stop stop;
    private final AtomicBoolean seen = new AtomicBoolean();

    private Signals(Stop stop) {
        this.stop = stop;
    }

    /**
     * Runs something on each such signal, on a thread of its own, instead of what the JVM would do.
     *
     * @param name without SIG, such as {@code WINCH}
     * @return whether there is such a signal here
     */
    public static boolean on(String name, Runnable action) {
        try {
            register(name, number -> action.run());
            return true;
        } catch (ReflectiveOperationException x) {
            return false;
        }
    }

    /** Handles the signals from now on. Where there is no such API or signal, the JVM's own handling stays. */
    public static void handle(Stop stop) {
        Signals signals = new Signals(stop);
        for (String name : List.of("INT", "TERM", "HUP")) {
            try {
                register(name, signals::received);
            } catch (ReflectiveOperationException x) {
                // A JVM without the API, or a system without this signal: its default ends the process too.
                continue;
            }
        }
    }

    private static void register(String name, IntConsumer action) throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Method number = signalType.getMethod("getNumber");
        Object handler = Proxy.newProxyInstance(
                Signals.class.getClassLoader(), new Class<?>[] {handlerType}, (self, method, arguments) -> {
                    switch (method.getName()) {
                        case "handle" -> {
                            action.accept((int) number.invoke(arguments[0]));
                            return null;
                        }
                        case "equals" -> {
                            return self == arguments[0];
                        }
                        case "hashCode" -> {
                            return System.identityHashCode(self);
                        }
                        default -> {
                            return "handler of " + name;
                        }
                    }
                });
        try {
            Object signal = signalType.getConstructor(String.class).newInstance(name);
            signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
        } catch (InvocationTargetException x) {
            if (!(x.getCause() instanceof IllegalArgumentException)) {
                throw x;
            }
        }
    }

    /** Runs on a thread of its own for each signal. */
    private void received(int number) {
        if (!seen.compareAndSet(false, true)) {
            halt(128 + number);
        }
        stop.request();
        try {
            waitForTheEnd();
        } catch (InterruptedException x) {
            halt(ExitCode.FAILED);
        }
    }

    private void waitForTheEnd() throws InterruptedException {
        // Only the end of the process ends these waits, in the good case.
        CountDownLatch never = new CountDownLatch(1);
        long patience = stop.patience().toMillis();
        never.await(SILENCE_MILLIS, TimeUnit.MILLISECONDS);
        System.err.println("culvert: waiting for open connections to finish; another signal ends it at once.");
        never.await(patience - SILENCE_MILLIS, TimeUnit.MILLISECONDS);
        System.err.println("culvert: closing took more than " + stop.patience().toSeconds() + " s; ending without it.");
        halt(ExitCode.FAILED);
    }

    private void halt(int code) {
        stop.lastWords().run();
        Runtime.getRuntime().halt(code);
    }
}
