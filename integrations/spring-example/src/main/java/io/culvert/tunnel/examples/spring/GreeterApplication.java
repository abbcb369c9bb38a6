package io.culvert.tunnel.examples.spring;

import io.culvert.tunnel.spring.TunnelExposedEvent;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.event.EventListener;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Greets whoever visits, and says where it can be visited. */
@SpringBootApplication
@RestController
public class GreeterApplication {
    private static final Logger LOG = LoggerFactory.getLogger(GreeterApplication.class);

    /** Starts the application. */
    public static void main(String[] args) {
        SpringApplication.run(GreeterApplication.class, args);
    }

    /** A greeting. */
    @GetMapping("/")
    public Map<String, String> greet(@RequestParam(defaultValue = "world") String name) {
        return Map.of("greeting", "Hello, " + name + "!");
    }

    /** From here on visitors come. */
    @EventListener
    public void onExposed(TunnelExposedEvent event) {
        LOG.info("Visit {}?name=you", event.publicUrl());
    }
}
