package io.culvert.tunnel.e2e.junit;

import io.culvert.tunnel.testkit.junit.TunnelTest;

@TunnelTest(transport = "tcp")
class TcpAnnotationTest extends AnnotationCases {
    @Override
    String transport() {
        return "tcp";
    }
}
