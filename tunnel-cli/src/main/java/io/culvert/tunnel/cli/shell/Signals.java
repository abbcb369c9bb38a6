package io.culvert.tunnel.cli.shell;

import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

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
    private final PrintStream err;
    private final AtomicBoolean seen = new AtomicBoolean();

    private Signals(Stop stop, PrintStream err) {
        this.stop = stop;
        this.err = err;
    }

    /** Handles the signals from now on. Where there is no such API or signal, the JVM's own handling stays. */
    public static void handle(Stop stop, PrintStream err) {
        Signals signals = new Signals(stop, err);
        for (String name : List.of("INT", "TERM", "HUP")) {
            try {
                signals.register(name);
            } catch (ReflectiveOperationException x) {
                // A JVM without the API, or a system without this signal: its default ends the process too.
                continue;
            }
        }
    }

    private void register(String name) throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Method number = signalType.getMethod("getNumber");
        Object handler = Proxy.newProxyInstance(
                Signals.class.getClassLoader(), new Class<?>[] {handlerType}, (self, method, arguments) -> {
                    switch (method.getName()) {
                        case "handle" -> {
                            received((int) number.invoke(arguments[0]));
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
    private void received(int number) throws InterruptedException {
        if (!seen.compareAndSet(false, true)) {
            Runtime.getRuntime().halt(128 + number);
        }
        stop.request();
        // Only the end of the process ends these waits, in the good case.
        CountDownLatch never = new CountDownLatch(1);
        long patience = stop.patience().toMillis();
        never.await(SILENCE_MILLIS, TimeUnit.MILLISECONDS);
        err.println("culvert: waiting for open connections to finish; another signal ends it at once.");
        never.await(patience - SILENCE_MILLIS, TimeUnit.MILLISECONDS);
        err.println("culvert: closing took more than " + stop.patience().toSeconds() + " s; ending without it.");
        Runtime.getRuntime().halt(ExitCode.FAILED);
    }
}
