package io.culvert.tunnel.spring;

import io.culvert.tunnel.Tunnel;
import java.net.URI;
import org.springframework.context.ApplicationEvent;

/** Visitors reach the application. Published once, on the thread that exposed it. */
public final class TunnelExposedEvent extends ApplicationEvent {
    private static final long serialVersionUID = 1L;

    private final transient Tunnel tunnel;

    /** A tunnel that stands. */
    public TunnelExposedEvent(Object source, Tunnel tunnel) {
        super(source);
        this.tunnel = tunnel;
    }

    /** The tunnel. The application's context closes it. */
    public Tunnel tunnel() {
        return tunnel;
    }

    /** Where visitors reach the application. */
    public URI publicUrl() {
        return tunnel.publicUrl();
    }
}
