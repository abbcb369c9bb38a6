package io.culvert.tunnel.testkit;

/**
 * What every transport must do, as tests: a test class that implements this interface runs them all.
 *
 * <pre>{@code
 * class MyTransportTest implements TransportContract {
 *     public TransportPair newPair() {
 *         return TransportPair.of(new MyTransportProvider()).build();
 *     }
 * }
 * }</pre>
 */
public interface TransportContract
        extends StreamOpeningContract,
                StreamBytesContract,
                StreamEndContract,
                StreamCloseContract,
                StreamResetContract,
                FlowControlContract,
                SessionContract {}
