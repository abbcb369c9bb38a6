package io.culvert.tunnel.spring;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

/** An application that greets. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class HelloApplication {
    final List<TunnelExposedEvent> exposed = new CopyOnWriteArrayList<>();

    @Bean
    ServletRegistrationBean<Greeting> greeting() {
        return new ServletRegistrationBean<>(new Greeting(), "/*");
    }

    @EventListener
    void onExposed(TunnelExposedEvent event) {
        exposed.add(event);
    }

    static final class Greeting extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().write("hello from " + getServletContext().getServerInfo());
        }
    }
}
