package io.tributary.local;

import io.tributary.http.Hosts;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.io.network.netty.InboundChannelHandlerFactory;
import org.apache.flink.runtime.rest.FileUploadHandler;
import org.apache.flink.runtime.rest.handler.util.HandlerUtils;
import org.apache.flink.runtime.rest.messages.ErrorResponseBody;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandler;
import org.apache.flink.shaded.netty4.io.netty.channel.ChannelHandlerContext;
import org.apache.flink.shaded.netty4.io.netty.channel.SimpleChannelInboundHandler;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpHeaderNames;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpMethod;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpRequest;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.HttpResponseStatus;
import org.apache.flink.shaded.netty4.io.netty.handler.codec.http.QueryStringDecoder;
import org.apache.flink.shaded.netty4.io.netty.util.ReferenceCountUtil;

/**
 * Stands before Flink's REST interface and web UI in this process: they are for looking, under this machine's own name. What the settings
 * of Flink turn off is only what its page shows; the interface itself still took code, savepoints and cancellations.
 */
public final class FlinkGuard implements InboundChannelHandlerFactory {
    private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    @Override
    public int priority() {
        return 0;
    }

    @Override
    public Optional<ChannelHandler> createHandler(Configuration configuration, Map<String, String> responseHeaders) {
        return Optional.of(new Guard(Map.copyOf(responseHeaders)));
    }

    private static final class Guard extends SimpleChannelInboundHandler<HttpRequest> {
        private final Map<String, String> headers;

        Guard(Map<String, String> headers) {
            super(false);
            this.headers = headers;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, HttpRequest request) throws IOException {
            String refusal = refusal(request);
            if (refusal.isEmpty()) {
                context.fireChannelRead(request);
                return;
            }
            try {
                FileUploadHandler.getMultipartFileUploads(context).close(); // an upload is on disk already
                var unused = HandlerUtils.sendErrorResponse(
                        context, request, new ErrorResponseBody(refusal), HttpResponseStatus.FORBIDDEN, headers);
            } finally {
                ReferenceCountUtil.release(request);
            }
        }

        private static String refusal(HttpRequest request) {
            if (!Hosts.isThisMachine(request.headers().get(HttpHeaderNames.HOST))) {
                return "only for this machine";
            }
            String path = new QueryStringDecoder(request.uri()).path();
            // these two act although they are read
            boolean acts = path.contains("/yarn-cancel") || path.contains("/yarn-stop");
            return READING.contains(request.method()) && !acts ? "" : "only for looking";
        }
    }
}
