package io.culvert.tunnel.e2e.junit;

import io.culvert.tunnel.testkit.junit.TunnelTest;

@TunnelTest(transport = "control")
class ControlAnnotationTest extends AnnotationCases {
    @Override
    String transport() {
        return "control";
    }
}
