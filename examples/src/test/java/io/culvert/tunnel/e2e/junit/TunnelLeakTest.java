package io.culvert.tunnel.e2e.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.culvert.tunnel.spi.AgentContext;
import io.culvert.tunnel.spi.AgentTransport;
import io.culvert.tunnel.spi.RelayContext;
import io.culvert.tunnel.spi.RelayTransport;
import io.culvert.tunnel.spi.TransportProvider;
import io.culvert.tunnel.testkit.junit.Exposed;
import io.culvert.tunnel.testkit.junit.TunnelExtension;
import io.culvert.tunnel.testkit.junit.TunnelTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Execution;

/** Tests that leak on real sockets go red, and the failure names what they left. */
class TunnelLeakTest {
    private static final List<Socket> LEFT = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (Socket socket : LEFT) {
            socket.close();
        }
        LEFT.clear();
    }

    private static List<String> failures(Class<?> type) {
        return EngineTestKit.engine("junit-jupiter")
                .configurationParameter("tunnel.leak-check.patience", "PT1S")
                .selectors(selectClass(type))
                .execute()
                .allEvents()
                .executions()
                .stream()
                .filter(execution -> result(execution).getStatus() == TestExecutionResult.Status.FAILED)
                .map(execution -> execution.getTestDescriptor().getDisplayName() + ": "
                        + result(execution)
                                .getThrowable()
                                .map(Throwable::getMessage)
                                .orElse(""))
                .toList();
    }

    private static TestExecutionResult result(Execution execution) {
        return execution.getTerminationInfo().getExecutionResult();
    }

    @TestInstance(Lifecycle.PER_CLASS)
    abstract static class Forgets {
        private final HangingApplication application;

        @Exposed("app")
        private final int port;

        Forgets() throws IOException {
            application = new HangingApplication();
            port = application.port();
        }

        @Test
        void anUpgrade(URI url) throws Exception {
            LEFT.add(HangingApplication.visit(url.getPort(), "/upgrade"));
        }

        @Test
        void anAnswer(URI url) throws Exception {
            LEFT.add(HangingApplication.visit(url.getPort(), "/events?all=1"));
        }

        @Test
        void nothing(URI url) throws Exception {
            HangingApplication.visit(url.getPort(), "/events").close();
            HangingApplication.visit(url.getPort(), "/upgrade").close();
        }
    }

    @TunnelTest(transport = "tcp")
    static class ForgetsOverTcp extends Forgets {
        ForgetsOverTcp() throws IOException {}
    }

    @TunnelTest(transport = "control")
    static class ForgetsOverControl extends Forgets {
        ForgetsOverControl() throws IOException {}
    }

    @Test
    void whatGoesOnIsNamedByItsRequestAndItsTest() {
        for (Class<?> type : List.of(ForgetsOverTcp.class, ForgetsOverControl.class)) {
            List<String> failures = failures(type);
            assertThat(failures).hasSize(1);
            assertThat(failures.get(0).lines())
                    .hasSize(3)
                    .startsWith("TunnelLeakTest$" + type.getSimpleName() + ": " + type.getSimpleName()
                            + " left something open behind its tunnel:")
                    .anyMatch(line -> line.contains("connection")
                            && line.contains("/upgrade through tunnel app, begun during " + type.getSimpleName()
                                    + ".anUpgrade(URI): close it"))
                    .contains("  - the exchange GET /events?all=1 through tunnel app, begun during "
                            + type.getSimpleName() + ".anAnswer(URI): answer it, and read or close its answer");
        }
    }

    /** Dials the relay once more than it says. */
    private record Dialing(TransportProvider transport) implements TransportProvider {
        @Override
        public String name() {
            return transport.name();
        }

        @Override
        public RelayTransport relayHalf(RelayContext context) {
            return transport.relayHalf(context);
        }

        @Override
        public AgentTransport agentHalf(AgentContext context) {
            try {
                LEFT.add(new Socket(
                        InetAddress.getLoopbackAddress(), context.relay().getPort()));
            } catch (IOException x) {
                throw new UncheckedIOException(x);
            }
            return transport.agentHalf(context);
        }
    }

    static class LeaksASocket {
        @RegisterExtension
        final TunnelExtension tunnel = TunnelExtension.builder()
                .transport("control")
                .agent(agent -> ServiceLoader.load(TransportProvider.class).stream()
                        .map(ServiceLoader.Provider::get)
                        .filter(transport -> transport.name().equals("control"))
                        .forEach(transport -> agent.transport(new Dialing(transport))))
                .expose(() -> 1)
                .build();

        @Test
        void any() {
            assertThat(tunnel.uri()).isNotNull();
        }
    }

    @Test
    void aSocketIsNamedByItsPorts() {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        List<String> failures = failures(LeaksASocket.class);
        assertThat(failures).hasSize(1);
        assertThat(failures.get(0))
                .containsPattern(
                        "  - a connection from port \\d+ to port \\d+, still open after relay and agent were closed");
    }
}
