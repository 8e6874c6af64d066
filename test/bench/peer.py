"""The PyTorch side of the benchmark: the same modules under diffusers' parameter names.

Needs Python's standard library and torch alone. Reads one JSON command a line from standard input
and answers each with one JSON line on standard output:

    {"command": "hello", "threads": 2}                          -> {"torch": "2.13.0", ...}
    {"command": "load", "model": "autoencoder", "config": ..., "weights": FILE, "inputs": FILE,
     "learningRate": 0.0001, ...}                               -> {"parameters": 732743}
    {"command": "sampling", "config": ..., "schedule": ..., "weights": FILE, "inputs": FILE,
     "steps": 4, "guidanceScale": 7.5}                          -> {"parameters": 14967428}
    {"command": "step"}                                         -> {"ms": 290.1, "loss": 0.59}
    {"command": "operation", "name": "conv", "shapes": ..., "backward": true, "repeats": 5}
                                                                -> {"ms": 4.9}
    {"command": "memory"}                                       -> {"peakMb": 640}

A wrong command answers {"error": "..."}. The process ends when standard input does.
"""

import json
import math
import resource
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

SAFETENSORS_TYPES = {"F32": torch.float32, "I32": torch.int32}


def read_safetensors(path):
    """Tensors of a safetensors file by name."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(bytes(data[8:start]))
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, _ = entry["data_offsets"]
        count = math.prod(entry["shape"])
        flat = torch.frombuffer(
            data, dtype=SAFETENSORS_TYPES[entry["dtype"]], count=count, offset=start + begin
        )
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


class ResBlock(nn.Module):
    def __init__(self, inputs, outputs, groups, epsilon, time_features=None):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, inputs, eps=epsilon)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        if time_features:
            self.time_emb_proj = nn.Linear(time_features, outputs)
        self.norm2 = nn.GroupNorm(groups, outputs, eps=epsilon)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)
        self.conv_shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else None

    def forward(self, x, time=None):
        hidden = self.conv1(F.silu(self.norm1(x)))
        if time is not None:
            hidden = hidden + self.time_emb_proj(time)[:, :, None, None]
        hidden = self.conv2(F.silu(self.norm2(hidden)))
        return (x if self.conv_shortcut is None else self.conv_shortcut(x)) + hidden


class Resample(nn.Module):
    """Halves or doubles height and width."""

    def __init__(self, channels, kind):
        super().__init__()
        self.kind = kind
        stride, padding = {"down": (2, 1), "downEnd": (2, 0), "up": (1, 1)}[kind]
        self.conv = nn.Conv2d(channels, channels, 3, stride=stride, padding=padding)

    def forward(self, x):
        if self.kind == "downEnd":
            x = F.pad(x, (0, 1, 0, 1))
        if self.kind == "up":
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
        return self.conv(x)


class Attention(nn.Module):
    def __init__(self, features, heads, context_features=None, bias=False):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(features, features, bias=bias)
        self.to_k = nn.Linear(context_features or features, features, bias=bias)
        self.to_v = nn.Linear(context_features or features, features, bias=bias)
        self.to_out = nn.ModuleList([nn.Linear(features, features)])

    def split(self, x):
        batch, tokens, features = x.shape
        return x.view(batch, tokens, self.heads, features // self.heads).transpose(1, 2)

    def forward(self, x, context=None):
        context = x if context is None else context
        q, k, v = self.split(self.to_q(x)), self.split(self.to_k(context)), self.split(self.to_v(context))
        out = F.scaled_dot_product_attention(q, k, v)
        return self.to_out[0](out.transpose(1, 2).reshape(x.shape))


class SpatialAttention(Attention):
    """Attention between the pixels of the autoencoder's middle."""

    def __init__(self, channels, groups):
        super().__init__(channels, 1, bias=True)
        self.group_norm = nn.GroupNorm(groups, channels, eps=1e-6)

    def forward(self, x):
        tokens = self.group_norm(x).flatten(2).transpose(1, 2)
        return x + super().forward(tokens).transpose(1, 2).reshape(x.shape)


class Geglu(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.proj = nn.Linear(features, 8 * features)

    def forward(self, x):
        values, gates = self.proj(x).chunk(2, dim=-1)
        return values * F.gelu(gates)


class FeedForward(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.net = nn.ModuleList([Geglu(features), nn.Identity(), nn.Linear(4 * features, features)])

    def forward(self, x):
        return self.net[2](self.net[0](x))


class TransformerBlock(nn.Module):
    def __init__(self, features, heads, context_features):
        super().__init__()
        self.norm1 = nn.LayerNorm(features)
        self.attn1 = Attention(features, heads)
        self.norm2 = nn.LayerNorm(features)
        self.attn2 = Attention(features, heads, context_features)
        self.norm3 = nn.LayerNorm(features)
        self.ff = FeedForward(features)

    def forward(self, x, context):
        x = x + self.attn1(self.norm1(x))
        x = x + self.attn2(self.norm2(x), context)
        return x + self.ff(self.norm3(x))


class SpatialTransformer(nn.Module):
    def __init__(self, channels, heads, context_features, groups):
        super().__init__()
        self.norm = nn.GroupNorm(groups, channels, eps=1e-6)
        self.proj_in = nn.Conv2d(channels, channels, 1)
        self.transformer_blocks = nn.ModuleList([TransformerBlock(channels, heads, context_features)])
        self.proj_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x, context):
        tokens = self.proj_in(self.norm(x)).flatten(2).transpose(1, 2)
        for block in self.transformer_blocks:
            tokens = block(tokens, context)
        return x + self.proj_out(tokens.transpose(1, 2).reshape(x.shape))


class Block(nn.Module):
    """A level, or the middle: residual blocks, attention after some, perhaps a resampling."""

    def __init__(self, resnets, attentions=(), downsampler=None, upsampler=None):
        super().__init__()
        self.resnets = nn.ModuleList(resnets)
        self.attentions = nn.ModuleList(attentions)
        if downsampler:
            self.downsamplers = nn.ModuleList([downsampler])
        if upsampler:
            self.upsamplers = nn.ModuleList([upsampler])

    def middle(self, x, *extra, **context):
        x = self.resnets[0](x, *extra)
        for attention, resnet in zip(self.attentions, self.resnets[1:]):
            x = resnet(attention(x, **context), *extra)
        return x

    def plain(self, x):
        for resnet in self.resnets:
            x = resnet(x)
        return self.resample(x)

    def resample(self, x):
        for name in ("downsamplers", "upsamplers"):
            for layer in getattr(self, name, ()):
                x = layer(x)
        return x

    def conditioned(self, x, time, context, on_input=lambda x: x, on_output=lambda x: None):
        for i, resnet in enumerate(self.resnets):
            x = resnet(on_input(x), time)
            if len(self.attentions) > 0:
                x = self.attentions[i](x, context=context)
            on_output(x)
        return x


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        channels, groups = config["block_out_channels"], config["norm_num_groups"]
        self.conv_in = nn.Conv2d(config["in_channels"], channels[0], 3, padding=1)
        self.down_blocks = nn.ModuleList()
        for level, outputs in enumerate(channels):
            inputs = channels[max(level - 1, 0)]
            count = config["layers_per_block"]
            resnets = [ResBlock(inputs if i == 0 else outputs, outputs, groups, 1e-6) for i in range(count)]
            down = Resample(outputs, "downEnd") if level < len(channels) - 1 else None
            self.down_blocks.append(Block(resnets, downsampler=down))
        self.mid_block = autoencoder_middle(channels[-1], groups)
        self.conv_norm_out = nn.GroupNorm(groups, channels[-1], eps=1e-6)
        self.conv_out = nn.Conv2d(channels[-1], 2 * config["latent_channels"], 3, padding=1)

    def forward(self, x):
        x = self.conv_in(x)
        for block in self.down_blocks:
            x = block.plain(x)
        x = self.mid_block.middle(x)
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class Decoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        channels, groups = config["block_out_channels"][::-1], config["norm_num_groups"]
        self.conv_in = nn.Conv2d(config["latent_channels"], channels[0], 3, padding=1)
        self.mid_block = autoencoder_middle(channels[0], groups)
        self.up_blocks = nn.ModuleList()
        for level, outputs in enumerate(channels):
            inputs = channels[max(level - 1, 0)]
            count = config["layers_per_block"] + 1
            resnets = [ResBlock(inputs if i == 0 else outputs, outputs, groups, 1e-6) for i in range(count)]
            up = Resample(outputs, "up") if level < len(channels) - 1 else None
            self.up_blocks.append(Block(resnets, upsampler=up))
        self.conv_norm_out = nn.GroupNorm(groups, channels[-1], eps=1e-6)
        self.conv_out = nn.Conv2d(channels[-1], config["out_channels"], 3, padding=1)

    def forward(self, x):
        x = self.mid_block.middle(self.conv_in(x))
        for block in self.up_blocks:
            x = block.plain(x)
        return self.conv_out(F.silu(self.conv_norm_out(x)))


def autoencoder_middle(channels, groups):
    resnets = [ResBlock(channels, channels, groups, 1e-6) for _ in range(2)]
    return Block(resnets, [SpatialAttention(channels, groups)])


class AutoencoderKl(nn.Module):
    def __init__(self, config):
        super().__init__()
        latents = config["latent_channels"]
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)
        self.quant_conv = nn.Conv2d(2 * latents, 2 * latents, 1)
        self.post_quant_conv = nn.Conv2d(latents, latents, 1)

    def loss(self, images, noise, klWeight):
        mean, logvar = self.quant_conv(self.encoder(images)).chunk(2, dim=1)
        logvar = logvar.clamp(-30, 20)
        latents = mean + (0.5 * logvar).exp() * noise
        restored = self.decoder(self.post_quant_conv(latents))
        divergence = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).sum((1, 2, 3))
        return F.mse_loss(restored, images) + klWeight * divergence.mean()


class TimeEmbedding(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear_1 = nn.Linear(inputs, outputs)
        self.linear_2 = nn.Linear(outputs, outputs)

    def forward(self, x):
        return self.linear_2(F.silu(self.linear_1(x)))


class Unet(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.channels = channels = config["block_out_channels"]
        self.config = config
        self.conv_in = nn.Conv2d(config["in_channels"], channels[0], 3, padding=1)
        self.time_embedding = TimeEmbedding(channels[0], 4 * channels[0])
        skips = [channels[0]]
        self.down_blocks = nn.ModuleList(self.down(level, skips) for level in range(len(channels)))
        last = channels[-1]
        self.mid_block = Block([self.res(last, last), self.res(last, last)], [self.transformer(last)])
        self.up_blocks = nn.ModuleList()
        current = last
        for level in reversed(range(len(channels))):
            self.up_blocks.append(self.up(level, current, skips))
            current = channels[level]
        self.conv_norm_out = nn.GroupNorm(config["norm_num_groups"], channels[0], eps=1e-5)
        self.conv_out = nn.Conv2d(channels[0], config["out_channels"], 3, padding=1)

    def res(self, inputs, outputs):
        return ResBlock(inputs, outputs, self.config["norm_num_groups"], 1e-5, 4 * self.channels[0])

    def transformer(self, channels):
        config = self.config
        heads, features = config["attention_head_dim"], config["cross_attention_dim"]
        return SpatialTransformer(channels, heads, features, config["norm_num_groups"])

    def down(self, level, skips):
        outputs, count = self.channels[level], self.config["layers_per_block"]
        inputs = self.channels[max(level - 1, 0)]
        skips.extend([outputs] * count)
        resnets = [self.res(inputs if i == 0 else outputs, outputs) for i in range(count)]
        cross = self.config["down_block_types"][level] == "CrossAttnDownBlock2D"
        attentions = [self.transformer(outputs) for _ in resnets] if cross else []
        if level == len(self.channels) - 1:
            return Block(resnets, attentions)
        skips.append(outputs)
        return Block(resnets, attentions, downsampler=Resample(outputs, "down"))

    def up(self, level, current, skips):
        outputs, count = self.channels[level], self.config["layers_per_block"] + 1
        inputs = [current] + [outputs] * (count - 1)
        resnets = [self.res(each + skips.pop(), outputs) for each in inputs]
        place = len(self.channels) - 1 - level
        cross = self.config["up_block_types"][place] == "CrossAttnUpBlock2D"
        attentions = [self.transformer(outputs) for _ in resnets] if cross else []
        up = Resample(outputs, "up") if level > 0 else None
        return Block(resnets, attentions, upsampler=up)

    def time(self, timesteps):
        half = self.channels[0] // 2
        frequencies = torch.exp(-math.log(10_000) * torch.arange(half, dtype=torch.float32) / half)
        angles = timesteps[:, None].float() * frequencies[None]
        return F.silu(self.time_embedding(torch.cat([angles.cos(), angles.sin()], dim=1)))

    def forward(self, latents, timesteps, context):
        time = self.time(timesteps)
        x = self.conv_in(latents)
        skips = [x]
        for block in self.down_blocks:
            x = block.conditioned(x, time, context, on_output=skips.append)
            if hasattr(block, "downsamplers"):
                x = block.resample(x)
                skips.append(x)
        x = self.mid_block.middle(x, time, context=context)
        for block in self.up_blocks:
            joined = lambda x: torch.cat([x, skips.pop()], dim=1)
            x = block.resample(block.conditioned(x, time, context, on_input=joined))
        return self.conv_out(F.silu(self.conv_norm_out(x)))

    def loss(self, latents, timesteps, context, target, priorWeight):
        """The batch's first half is of the subject, the second of its class."""
        prediction = self(latents, timesteps, context)
        subject, prior = prediction.chunk(2)
        wanted, wanted_prior = target.chunk(2)
        return F.mse_loss(subject, wanted) + priorWeight * F.mse_loss(prior, wanted_prior)


class ClipAttention(nn.Module):
    def __init__(self, features, heads):
        super().__init__()
        self.heads = heads
        self.q_proj = nn.Linear(features, features)
        self.k_proj = nn.Linear(features, features)
        self.v_proj = nn.Linear(features, features)
        self.out_proj = nn.Linear(features, features)

    def forward(self, x):
        projections = (self.q_proj(x), self.k_proj(x), self.v_proj(x))
        q, k, v = (each.unflatten(2, (self.heads, -1)).transpose(1, 2) for each in projections)
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out_proj(out.transpose(1, 2).flatten(2))


class ClipFeedForward(nn.Module):
    def __init__(self, features, hidden):
        super().__init__()
        self.fc1 = nn.Linear(features, hidden)
        self.fc2 = nn.Linear(hidden, features)

    def forward(self, x):
        hidden = self.fc1(x)
        return self.fc2(hidden * torch.sigmoid(1.702 * hidden))


class ClipLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        features = config["hidden_size"]
        self.layer_norm1 = nn.LayerNorm(features)
        self.self_attn = ClipAttention(features, config["num_attention_heads"])
        self.layer_norm2 = nn.LayerNorm(features)
        self.mlp = ClipFeedForward(features, config["intermediate_size"])

    def forward(self, x):
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class ClipText(nn.Module):
    """Ids to the features of each token, under transformers' parameter names."""

    def __init__(self, config):
        super().__init__()
        features = config["hidden_size"]
        model = self.text_model = nn.Module()
        model.embeddings = nn.Module()
        model.embeddings.token_embedding = nn.Embedding(config["vocab_size"], features)
        positions = config["max_position_embeddings"]
        model.embeddings.position_embedding = nn.Embedding(positions, features)
        model.encoder = nn.Module()
        count = config["num_hidden_layers"]
        model.encoder.layers = nn.ModuleList(ClipLayer(config) for _ in range(count))
        model.final_layer_norm = nn.LayerNorm(features)

    def forward(self, ids):
        embeddings = self.text_model.embeddings
        positions = embeddings.position_embedding.weight[: ids.shape[1]]
        x = embeddings.token_embedding(ids) + positions
        for layer in self.text_model.encoder.layers:
            x = layer(x)
        return self.text_model.final_layer_norm(x)


class UnetWithText(nn.Module):
    """Both are trained; the context is what the text encoder makes of the prompts."""

    def __init__(self, config):
        super().__init__()
        self.unet = Unet(config["unet"])
        self.text_encoder = ClipText(config["text_encoder"])

    def loss(self, latents, timesteps, ids, target, priorWeight):
        return self.unet.loss(latents, timesteps, self.text_encoder(ids), target, priorWeight)


class CausalAttention(Attention):
    def forward(self, x):
        q, k, v = self.split(self.to_q(x)), self.split(self.to_k(x)), self.split(self.to_v(x))
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.to_out[0](out.transpose(1, 2).reshape(x.shape))


class DecoderBlock(nn.Module):
    def __init__(self, features, heads):
        super().__init__()
        self.norm1 = nn.LayerNorm(features)
        self.attention = CausalAttention(features, heads)
        self.norm2 = nn.LayerNorm(features)
        self.widen = nn.Linear(features, 4 * features)
        self.narrow = nn.Linear(4 * features, features)

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        return x + self.narrow(F.gelu(self.widen(self.norm2(x))))


class LanguageModel(nn.Module):
    """Ids to the logits of the next; norms come first, as in GPT-2."""

    def __init__(self, config):
        super().__init__()
        features, vocabulary = config["features"], config["vocabulary"]
        self.words = nn.Embedding(vocabulary, features)
        self.positions = nn.Parameter(torch.zeros(config["tokens"], features))
        blocks = [DecoderBlock(features, config["heads"]) for _ in range(config["layers"])]
        self.blocks = nn.ModuleList(blocks)
        self.norm = nn.LayerNorm(features)
        self.head = nn.Linear(features, vocabulary, bias=False)

    def loss(self, ids, next):
        x = self.words(ids) + self.positions
        for block in self.blocks:
            x = block(x)
        return F.cross_entropy(self.head(self.norm(x)).flatten(0, 1), next.flatten().long())


MODELS = {
    "autoencoder": AutoencoderKl,
    "unet": Unet,
    "unetWithText": UnetWithText,
    "transformer": LanguageModel,
}


class TrainingStep:
    """A model with its batch and optimizer."""

    def __init__(
        self, model, config, weights, inputs, numbers, learningRate, weightDecay, gradientClipVal
    ):
        self.model = MODELS[model](config)
        self.model.load_state_dict(read_safetensors(weights))
        self.inputs = read_safetensors(inputs)
        self.numbers = numbers
        self.clip = gradientClipVal
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=learningRate, weight_decay=weightDecay, fused=True
        )

    def __call__(self):
        self.optimizer.zero_grad()
        loss = self.model.loss(**self.inputs, **self.numbers)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        return loss.item()


class SamplingSteps:
    """DDIM with classifier-free guidance, a UNet's two predictions in one batch."""

    def __init__(self, config, schedule, weights, inputs, steps, guidanceScale):
        self.model = Unet(config)
        self.model.load_state_dict(read_safetensors(weights))
        self.inputs = read_safetensors(inputs)
        self.steps = steps
        self.scale = guidanceScale
        self.stride = schedule["num_train_timesteps"] // steps
        self.offset = schedule["steps_offset"]
        self.alphas = self.alphas_of(schedule)

    @staticmethod
    def alphas_of(schedule):
        """Shares of the clean sample in the variance, for betas evenly spaced in their roots."""
        start, end = math.sqrt(schedule["beta_start"]), math.sqrt(schedule["beta_end"])
        count = schedule["num_train_timesteps"]
        roots = torch.linspace(start, end, count, dtype=torch.float64)
        return torch.cumprod(1 - roots**2, dim=0).tolist()

    def predict(self, latents, timestep, context):
        rows = context.shape[0]
        timesteps = torch.full((rows,), timestep, dtype=torch.int32)
        without, with_prompt = self.model(torch.cat([latents, latents]), timesteps, context).chunk(2)
        return without + self.scale * (with_prompt - without)

    @torch.inference_mode()
    def __call__(self):
        latents, conditional = self.inputs["latents"], self.inputs["conditional"]
        unconditional = self.inputs["unconditional"].expand(conditional.shape)
        context = torch.cat([unconditional, conditional])
        for step in reversed(range(self.steps)):
            timestep = step * self.stride + self.offset
            alpha = self.alphas[timestep]
            after = self.alphas[max(timestep - self.stride, 0)]
            noise = self.predict(latents, timestep, context)
            sample = (latents - math.sqrt(1 - alpha) * noise) / math.sqrt(alpha)
            latents = math.sqrt(after) * sample + math.sqrt(1 - after) * noise
        return latents.square().mean().item()


def attention_of(q, k, v):
    return F.scaled_dot_product_attention(q, k, v)


def filter_gradient(x, dy):
    return nn.grad.conv2d_weight(x, (dy.shape[1], x.shape[1], 3, 3), dy, padding=1)


def additions(x, y):
    for _ in range(1000):
        x = x + y
    return x


OPERATIONS = {
    "matMul": torch.matmul,
    "multiply": torch.mul,
    "softmax": lambda x: torch.softmax(x, dim=-1),
    "conv": lambda x, w: F.conv2d(x, w, padding=1),
    "convInputGradient": lambda dy, w: nn.grad.conv2d_input(dy.shape, w, dy, padding=1),
    "convFilterGradient": filter_gradient,
    "additions": additions,
    "attention": attention_of,
}


class Operation:
    """One operation on fixed inputs, `repeats` times a call, with or without its gradients."""

    def __init__(self, operation, shapes, backward, repeats):
        generator = torch.Generator().manual_seed(1)
        self.inputs = [torch.randn(shape, generator=generator) for shape in shapes]
        self.run = OPERATIONS[operation]
        self.repeats = repeats
        self.dy = None
        if backward:
            for each in self.inputs:
                each.requires_grad_()
            self.dy = torch.ones_like(self.run(*self.inputs))

    def __call__(self):
        for _ in range(self.repeats):
            y = self.run(*self.inputs)
            if self.dy is not None:
                torch.autograd.grad(y, self.inputs, self.dy)
        return None


def describe(threads):
    torch.set_num_threads(threads)
    return {"torch": torch.__version__, "threads": torch.get_num_threads()}


def timed(work):
    start = time.perf_counter()
    loss = work()
    return {"ms": 1000 * (time.perf_counter() - start), "loss": loss}


class Session:
    """Carries out commands; holds what was loaded last."""

    def __init__(self):
        self.work = None

    def hello(self, threads):
        return describe(threads)

    def load(self, **options):
        self.work = TrainingStep(**options)
        return {"parameters": sum(p.numel() for p in self.work.model.parameters())}

    def sampling(self, **options):
        self.work = SamplingSteps(**options)
        return {"parameters": sum(p.numel() for p in self.work.model.parameters())}

    def operation(self, **options):
        self.work = Operation(**options)
        return {}

    def step(self):
        return timed(self.work)

    def memory(self):
        unit = 1 if sys.platform == "darwin" else 1024
        return {"peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6}


def main():
    session = Session()
    for line in sys.stdin:
        request = json.loads(line)
        command = request.pop("command")
        try:
            answer = getattr(session, command)(**request)
        except Exception as error:  # the parent tells the user
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
