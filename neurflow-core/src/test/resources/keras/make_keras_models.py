"""Writes Keras models without Keras, and what PyTorch says they compute.

The files follow the formats of Keras 1, Keras 2 (tf.keras) and Keras 3 as their documentation and sources describe them. Every
layer is computed in PyTorch, in double precision, from the same weights; nothing is shared with the Java importer. Weights are
random (seeds below). For every model there are NAME.h5 and NAME.keras, and NAME.txt with one line per value:

    input 3x9x8 v v v ...            channels, rows, columns; row-major
    layer conv1 6x5x4 v v v ...      the mean over rows and columns of each channel (flat values: as they are)
    logits fc 5 v v v ...

python3 make_keras_models.py FOLDER          the small models, which are test resources here
python3 make_keras_applications.py FOLDER    the architectures of Keras's applications, narrow
python3 make_keras_models.py FOLDER --big    ResNet50, VGG16 and MobileNetV2 as Keras's applications build them (1.2 GB)

Needs h5py, numpy, torch. The library and its tests never run this.
"""
import io, json, os, sys, zipfile
import h5py, numpy as np, torch, torch.nn.functional as F

torch.set_grad_enabled(False)
DTYPE = torch.float64

# Of no use to a trained model, but Keras writes them, and other importers insist on them.
INITIALIZERS = {
    'Conv2D': {'kernel': 'GlorotUniform', 'bias': 'Zeros'},
    'Dense': {'kernel': 'GlorotUniform', 'bias': 'Zeros'},
    'DepthwiseConv2D': {'depthwise': 'GlorotUniform', 'bias': 'Zeros'},
    'SeparableConv2D': {'depthwise': 'GlorotUniform', 'pointwise': 'GlorotUniform', 'bias': 'Zeros'},
    'BatchNormalization': {'beta': 'Zeros', 'gamma': 'Ones', 'moving_mean': 'Zeros', 'moving_variance': 'Ones'},
}


class Model:
    """A functional model while it is built; values are kept in PyTorch's layout, [1, C, H, W] or [1, n]."""

    def __init__(self, name, shape, seed, channels_first=False, big=False):
        self.name, self.shape, self.rng = name, shape, np.random.default_rng(seed)
        self.first, self.big = channels_first, big
        c, h, w = shape
        self.layers, self.values, self.fixed = [], {}, {}
        # Models of real depth read images of whole numbers, and have weights of few digits: their files are small.
        self.few = big == 'few'
        x = self.rng.normal(size=(1, c, h, w)).astype('f4')
        x = np.clip(np.round(x), -2, 2) if self.few else x
        batch = [None, c, h, w] if channels_first else [None, h, w, c]
        self.add('InputLayer', 'input_1', dict(batch_input_shape=batch, sparse=False, ragged=False), [], torch.tensor(x, dtype=DTYPE))

    def add(self, cls, name, config, inputs, value, weights=(), inner=None, fmt=True):
        config = dict(name=name, trainable=True, dtype='float32', **config)
        if cls in ('Conv2D', 'DepthwiseConv2D', 'SeparableConv2D', 'MaxPooling2D', 'AveragePooling2D', 'ZeroPadding2D',
                   'GlobalAveragePooling2D', 'GlobalMaxPooling2D', 'Flatten'):
            config.setdefault('data_format', 'channels_first' if self.first else 'channels_last')
        for kind, roles in INITIALIZERS.items():
            if cls == kind:
                config.update({f'{role}_initializer': {'class_name': init, 'config': {}} for role, init in roles.items()})
        for layer in self.layers:
            if layer['name'] == name:                     # called again
                layer['calls'].append(inputs)
                key = f"{name}:{len(layer['calls']) - 1}"
                self.values[key] = value
                return (name, len(layer['calls']) - 1)
        self.layers.append(dict(cls=cls, name=name, config=config, calls=[inputs], weights=list(weights), inner=inner))
        self.values[name] = value
        return (name, 0)

    def at(self, ref):
        return self.values[ref[0] if ref[1] == 0 else f'{ref[0]}:{ref[1]}']

    def weight(self, name, role, *shape, scale=None):
        if (name, role) in self.fixed:
            w = np.asarray(self.fixed[name, role], dtype='f4')
            assert w.shape == shape, (name, role, w.shape, shape)
            return w
        w = self.rng.normal(size=shape)
        if role in ('bias', 'beta', 'moving_mean', 'mean'):
            w = 0.3 * w
        elif role in ('gamma',):
            w = 1 + 0.2 * w
        elif role in ('moving_variance', 'variance'):
            w = 0.4 + np.abs(w)
        else:
            w = w * (scale if scale else np.sqrt(2 / np.prod(shape[:-1])))
        w = np.round(w * 256) / 256 if self.few else w
        return w.astype('f4')

    # -- layers -------------------------------------------------------------------------------------------------------
    def conv(self, name, x, filters, k, stride=1, padding='valid', bias=True, act='linear', dil=1, groups=1, reuse=None):
        v = self.at(x)
        kh, kw = (k, k) if isinstance(k, int) else k
        kernel, b = reuse or (self.weight(name, 'kernel', kh, kw, v.shape[1] // groups, filters), self.weight(name, 'bias', filters))
        y = same(v, (kh, kw), stride, dil, 0) if padding == 'same' else v
        y = F.conv2d(y, t(kernel).permute(3, 2, 0, 1), t(b) if bias else None, stride, 0, dil, groups)
        config = dict(filters=filters, kernel_size=[kh, kw], strides=[stride, stride], padding=padding, dilation_rate=[dil, dil],
                      groups=groups, activation=act, use_bias=bias, kernel_regularizer=None)
        self.last = (kernel, b)
        return self.add('Conv2D', name, config, [x], activation(act, y), [('kernel', kernel)] + ([('bias', b)] if bias else []))

    def depthwise(self, name, x, k, stride=1, padding='valid', mult=1, bias=False, act='linear'):
        v = self.at(x)
        kernel, b = self.weight(name, 'kernel', k, k, v.shape[1], mult, scale=np.sqrt(2) / k), self.weight(name, 'bias', v.shape[1] * mult)
        y = same(v, (k, k), stride, 1, 0) if padding == 'same' else v
        # output channel c * mult + m reads channel c
        w = t(kernel).permute(2, 3, 0, 1).reshape(-1, 1, k, k)
        y = F.conv2d(y, w, t(b) if bias else None, stride, 0, 1, v.shape[1])
        config = dict(kernel_size=[k, k], strides=[stride, stride], padding=padding, dilation_rate=[1, 1], groups=1, activation=act,
                      use_bias=bias, depth_multiplier=mult)
        return self.add('DepthwiseConv2D', name, config, [x], activation(act, y), [('depthwise_kernel', kernel)] + ([('bias', b)] if bias else []))

    def separable(self, name, x, filters, k, padding='same', mult=1, act='relu', bias=True):
        v = self.at(x)
        d = self.weight(name, 'depthwise_kernel', k, k, v.shape[1], mult, scale=np.sqrt(2) / k)
        p, b = self.weight(name, 'pointwise_kernel', 1, 1, v.shape[1] * mult, filters), self.weight(name, 'bias', filters)
        y = same(v, (k, k), 1, 1, 0) if padding == 'same' else v
        y = F.conv2d(y, t(d).permute(2, 3, 0, 1).reshape(-1, 1, k, k), None, 1, 0, 1, v.shape[1])
        y = F.conv2d(y, t(p).permute(3, 2, 0, 1), t(b) if bias else None)
        config = dict(filters=filters, kernel_size=[k, k], strides=[1, 1], padding=padding, dilation_rate=[1, 1], groups=1,
                      depth_multiplier=mult, activation=act, use_bias=bias)
        return self.add('SeparableConv2D', name, config, [x], activation(act, y),
                        [('depthwise_kernel', d), ('pointwise_kernel', p)] + ([('bias', b)] if bias else []))

    def bn(self, name, x, eps=1e-3, scale=True, center=True):
        v = self.at(x)
        n = v.shape[1]
        ws = {r: self.weight(name, r, n) for r in ('gamma', 'beta', 'moving_mean', 'moving_variance')}
        roles = (['gamma'] if scale else []) + (['beta'] if center else []) + ['moving_mean', 'moving_variance']
        y = F.batch_norm(v, t(ws['moving_mean']), t(ws['moving_variance']), t(ws['gamma']) if scale else None, t(ws['beta']) if center else None, False, 0, eps)
        axis = [1] if self.first or v.dim() == 2 else [3]
        return self.add('BatchNormalization', name, dict(axis=axis, momentum=0.99, epsilon=eps, center=center, scale=scale), [x], y, [(r, ws[r]) for r in roles])

    def act(self, name, x, kind):
        return self.add('Activation', name, dict(activation=kind), [x], activation(kind, self.at(x)))

    def relu(self, name, x, max_value=None, slope=0.0):
        v = self.at(x)
        y = torch.where(v >= 0, v, slope * v)
        return self.add('ReLU', name, dict(max_value=max_value, negative_slope=slope, threshold=0.0), [x], y.clamp(max=max_value) if max_value else y)

    def leaky(self, name, x, alpha):
        return self.add('LeakyReLU', name, dict(alpha=alpha), [x], F.leaky_relu(self.at(x), alpha))

    def prelu(self, name, x):
        v = self.at(x)
        a = self.weight(name, 'alpha', 1, 1, v.shape[1])
        return self.add('PReLU', name, dict(shared_axes=[1, 2], alpha_initializer=None), [x], F.prelu(v, t(a).reshape(-1)), [('alpha', a)])

    def pool(self, name, x, kind, k, stride, padding='valid'):
        v = self.at(x)
        if kind == 'max':
            y = F.max_pool2d(same(v, (k, k), stride, 1, -np.inf) if padding == 'same' else v, k, stride)
        else:                                            # padded cells do not count
            pad = (lambda u: same(u, (k, k), stride, 1, 0)) if padding == 'same' else (lambda u: u)
            y = F.avg_pool2d(pad(v), k, stride) / F.avg_pool2d(pad(torch.ones_like(v)), k, stride)
        return self.add(('Max' if kind == 'max' else 'Average') + 'Pooling2D', name, dict(pool_size=[k, k], strides=[stride, stride], padding=padding), [x], y)

    def gap(self, name, x, keepdims=False, kind='Average'):
        v = self.at(x)
        y = v.mean((2, 3)) if kind == 'Average' else v.amax((2, 3))
        return self.add(f'Global{kind}Pooling2D', name, dict(keepdims=keepdims), [x], y[:, :, None, None] if keepdims else y)

    def pad(self, name, x, pads):
        (a, b), (c, d) = pads
        return self.add('ZeroPadding2D', name, dict(padding=[[a, b], [c, d]]), [x], F.pad(self.at(x), (c, d, a, b)))

    def merge(self, cls, name, xs):
        vs = [self.at(x) for x in xs]
        y = {'Add': lambda: sum(vs), 'Multiply': lambda: prod(vs), 'Average': lambda: sum(vs) / len(vs),
             'Concatenate': lambda: torch.cat(vs, 1), 'Subtract': lambda: vs[0] - vs[1]}[cls]()
        return self.add(cls, name, dict(axis=1 if self.first else -1) if cls == 'Concatenate' else {}, xs, y)

    def flatten(self, name, x):
        # Keras flattens rows, columns, channels, whatever the layout (channels_first is turned first).
        v = self.at(x)
        return self.add('Flatten', name, {}, [x], v.permute(0, 2, 3, 1).reshape(1, -1))

    def reshape(self, name, x, target):
        v = self.at(x)
        flat = v.permute(0, 2, 3, 1).reshape(1, -1) if v.dim() == 4 else v
        y = flat.reshape(1, *target)
        return self.add('Reshape', name, dict(target_shape=list(target)), [x], y.permute(0, 3, 1, 2) if len(target) == 3 else y)

    def dense(self, name, x, units, act='linear', bias=True):
        v = self.at(x)
        kernel, b = self.weight(name, 'kernel', v.shape[1], units), self.weight(name, 'bias', units)
        y = torch.tensordot(v, t(kernel), ([1], [0]))     # along channels, wherever
        y = (y.permute(0, 3, 1, 2) if v.dim() == 4 else y)
        y = y + (t(b).reshape(1, -1, *[1] * (v.dim() - 2)) if bias else 0)
        return self.add('Dense', name, dict(units=units, activation=act, use_bias=bias), [x], activation(act, y) if act != 'softmax' else y,
                        [('kernel', kernel)] + ([('bias', b)] if bias else []))

    def drop(self, name, x):
        return self.add('Dropout', name, dict(rate=0.3, noise_shape=None, seed=None), [x], self.at(x))

    def rescaling(self, name, x, scale, offset):
        each = lambda n: t(np.array(n)).reshape(1, -1, 1, 1) if isinstance(n, list) else n
        return self.add('Rescaling', name, dict(scale=scale, offset=offset), [x], self.at(x) * each(scale) + each(offset))

    def normalization(self, name, x):
        v = self.at(x)
        m, s = self.weight(name, 'mean', v.shape[1]), self.weight(name, 'variance', v.shape[1])
        y = (v - t(m).reshape(1, -1, 1, 1)) / t(s).sqrt().reshape(1, -1, 1, 1)
        return self.add('Normalization', name, dict(axis=[-1], invert=False, mean=None, variance=None), [x], y,
                        [('mean', m), ('variance', s), ('count', np.int64(3))])

    def nested(self, inner, x):
        """Calls a model; its values were computed from its own input, so that input must be this value."""
        assert torch.equal(inner.values['input_1'], self.at(x))
        return self.add('Functional', inner.name, {}, [x], inner.at(inner.output), inner=inner)

    # -- files --------------------------------------------------------------------------------------------------------
    def config(self, version):
        layers = []
        for l in self.layers:
            config = dict(l['config'])
            cls = l['cls']
            if l['inner']:
                config = l['inner'].config(version)
            elif version == 3:
                config['dtype'] = {'module': 'keras', 'class_name': 'DTypePolicy', 'config': {'name': 'float32'}, 'registered_name': None}
                if cls == 'InputLayer':
                    config = dict(batch_shape=config['batch_input_shape'], dtype='float32', sparse=False, name=config['name'])
                if cls == 'LeakyReLU':
                    config['negative_slope'] = config.pop('alpha')
            first = 1 if l['inner'] else 0
            if version == 3:
                tensor = lambda r: {'class_name': '__keras_tensor__', 'config': {'shape': [None], 'dtype': 'float32', 'keras_history': [r[0], r[1] + self.base(r), 0]}}
                calls = [{'args': [[tensor(r) for r in c]] if len(c) > 1 else [tensor(r) for r in c], 'kwargs': {'training': False}} for c in l['calls'] if c]
            else:
                calls = [[[r[0], r[1] + self.base(r), 0, {}] for r in c] for c in l['calls'] if c]
            layers.append(dict(module='keras.layers', class_name=cls, config=config, registered_name=None, name=l['name'], inbound_nodes=calls))
        out = [self.output[0], self.output[1] + self.base(self.output), 0]
        return dict(name=self.name, trainable=True, layers=layers, input_layers=['input_1', 0, 0] if version == 3 else [['input_1', 0, 0]],
                    output_layers=out if version == 3 else [out])

    def base(self, ref):
        return 1 if next(l for l in self.layers if l['name'] == ref[0])['inner'] else 0

    def all_weights(self, prefix=''):
        trainable, rest = [], []
        for l in self.layers:
            if l['inner']:
                a, b = l['inner'].all_weights(prefix)
                trainable, rest = trainable + a, rest + b
            for role, w in l['weights']:
                fixed = role.startswith('moving') or role in ('mean', 'variance', 'count')
                (rest if fixed else trainable).append((f"{prefix}{l['name']}/{role}:0", w))
        return trainable, rest

    def h5(self, path, version='2.13.1', track=False):
        with h5py.File(path, 'w') as f:
            f.attrs['keras_version'], f.attrs['backend'] = version, 'tensorflow'
            f.attrs['model_config'] = json.dumps({'class_name': 'Functional', 'config': self.config(2)})
            group = f.create_group('model_weights')
            group.attrs['layer_names'] = [l['name'].encode() for l in self.layers]
            group.attrs['backend'], group.attrs['keras_version'] = 'tensorflow', version
            for l in self.layers:
                g = group.create_group(l['name'])
                if l['inner']:
                    a, b = l['inner'].all_weights()
                    ws = a + b
                else:
                    ws = [(f"{l['name']}/{role}:0", w) for role, w in l['weights']]
                g.attrs['weight_names'] = [n.encode() for n, _ in ws]
                for n, w in ws:
                    g.create_dataset(n, data=w)

    def keras(self, path):
        buffer = io.BytesIO()
        with h5py.File(buffer, 'w') as f:
            self.vars(f)
        # Keras stores what it zips as it is; here the larger ones are packed, to keep the repository small.
        packed = zipfile.ZIP_DEFLATED if self.few or self.name in ('residual', 'mobile', 'mobile_v1', 'inception') else zipfile.ZIP_STORED
        with zipfile.ZipFile(path, 'w', packed) as z:
            z.writestr('metadata.json', json.dumps({'keras_version': '3.5.0', 'date_saved': '2026-01-01@00:00:00'}))
            z.writestr('config.json', json.dumps({'module': 'keras.src.models.functional', 'class_name': 'Functional', 'config': self.config(3),
                                                  'registered_name': 'Functional', 'build_config': {'input_shape': None}}))
            with z.open('model.weights.h5', 'w', force_zip64=True) as out:
                out.write(buffer.getvalue())

    def vars(self, group):
        counts = {}
        for l in self.layers:
            kind = snake(l['cls'])
            n = counts.get(kind, 0)
            counts[kind] = n + 1
            g = group.create_group(f"layers/{kind}" + (f'_{n}' if n else ''))
            v = g.create_group('vars')
            v.attrs['name'] = l['name']
            for i, (_, w) in enumerate(l['weights']):
                v.create_dataset(str(i), data=w)
            if l['inner']:
                l['inner'].vars(g)

    def numbers(self, path, only=None):
        def line(kind, name, v, pooled):
            dims = 'x'.join(str(d) for d in v.shape[1:])
            v = v.mean((2, 3)) if pooled and v.dim() == 4 else v
            return f"{kind} {name} {dims} " + ' '.join(('%.8g' if self.few else '%.9g') % float(u) for u in v.reshape(-1))
        with open(path, 'w') as f:
            f.write(line('input', '-', self.values['input_1'], False) + '\n')
            for name, v in self.values.items():
                if name != 'input_1':
                    f.write(line('layer', name, v, True) + '\n')
            logits = getattr(self, 'logits', self.output)
            f.write(line('logits', logits[0], self.at(logits), False) + '\n')

    def write(self, folder, x, h5=True, keras=True):
        self.output = x
        if h5:
            self.h5(os.path.join(folder, self.name + '.h5'))
        if keras:
            self.keras(os.path.join(folder, self.name + '.keras'))
        self.numbers(os.path.join(folder, self.name + '.txt'))
        print(self.name, len(self.layers), 'layers')


def t(w):
    return torch.tensor(np.asarray(w), dtype=DTYPE)


def prod(vs):
    y = vs[0]
    for v in vs[1:]:
        y = y * v
    return y


def same(v, k, stride, dil, value):
    """TensorFlow's padding 'SAME': ceil(in / stride) windows; of an odd total the larger half goes after."""
    pads = []
    for axis in (3, 2):
        n = v.shape[axis]
        total = max(0, (-(-n // stride) - 1) * stride + dil * (k[axis - 2] - 1) + 1 - n)
        pads += [total // 2, total - total // 2]
    return F.pad(v, pads, value=value)


def activation(kind, v):
    return {'linear': lambda: v, 'relu': lambda: F.relu(v), 'relu6': lambda: v.clamp(0, 6), 'sigmoid': lambda: torch.sigmoid(v), 'tanh': lambda: torch.tanh(v),
            'elu': lambda: F.elu(v), 'selu': lambda: F.selu(v), 'swish': lambda: F.silu(v), 'gelu': lambda: F.gelu(v), 'softmax': lambda: F.softmax(v, 1)}[kind]()


def snake(name):
    import re
    name = re.sub(r'\W+', '', name)
    name = re.sub('(.)([A-Z][a-z]+)', r'\1_\2', name)
    return re.sub('([a-z])([A-Z])', r'\1_\2', name).lower()


# -- small models -----------------------------------------------------------------------------------------------------
def residual():
    """Blocks like ResNet50's, with the stride in the first 1x1, and a softmax in the last layer."""
    m = Model('residual', (3, 19, 17), 1)
    x = m.pad('conv1_pad', ('input_1', 0), ((3, 3), (3, 3)))
    x = m.conv('conv1_conv', x, 6, 7, 2)
    x = m.act('conv1_relu', m.bn('conv1_bn', x, 1.001e-5), 'relu')
    x = m.pool('pool1_pool', m.pad('pool1_pad', x, ((1, 1), (1, 1))), 'max', 3, 2)
    for b, stride, short in ((1, 2, True), (2, 1, False)):
        n = f'conv2_block{b}_'
        s = m.bn(n + '0_bn', m.conv(n + '0_conv', x, 8, 1, stride), 1.001e-5) if short else x
        y = m.act(n + '1_relu', m.bn(n + '1_bn', m.conv(n + '1_conv', x, 4, 1, stride), 1.001e-5), 'relu')
        y = m.act(n + '2_relu', m.bn(n + '2_bn', m.conv(n + '2_conv', y, 4, 3, padding='same'), 1.001e-5), 'relu')
        y = m.bn(n + '3_bn', m.conv(n + '3_conv', y, 8, 1), 1.001e-5)
        x = m.act(n + 'out', m.merge('Add', n + 'add', [s, y]), 'relu')
    return m, m.dense('predictions', m.drop('dropout', m.gap('avg_pool', x)), 5, 'softmax')


def mobile():
    """Depthwise convolutions, 'same' with stride 2 on odd and even sizes, a squeeze-and-excite gate, Reshape."""
    m = Model('mobile', (3, 18, 15), 2)
    x = m.normalization('normalization', m.rescaling('rescaling', ('input_1', 0), [0.5, 0.25, 2.0], [-1.0, 0.5, 0.0]))
    x = m.relu('Conv1_relu', m.bn('bn_Conv1', m.conv('Conv1', x, 6, 3, 2, 'same', bias=False)), 6.0)
    x = m.relu('dw_relu', m.bn('dw_BN', m.depthwise('dw', m.pad('dw_pad', x, ((0, 1), (0, 1))), 3, 2), scale=False), None, 0.1)
    gate = m.reshape('se_reshape', m.gap('se_squeeze', x), (1, 1, 6))
    gate = m.conv('se_expand', m.conv('se_reduce', gate, 3, 1, act='swish'), 6, 1, act='sigmoid')
    x = m.merge('Multiply', 'se_excite', [x, gate])
    x = m.depthwise('dw2', x, 3, 1, 'same', mult=2, bias=True, act='relu6')
    y = m.bn('project_BN', m.conv('project', x, 12, 1, bias=False), center=False)
    x = m.merge('Average', 'mean', [x, y, m.leaky('leaky', y, 0.2)])
    x = m.conv('conv_preds', m.drop('dropout', m.gap('pool', x, keepdims=True)), 4, 1)
    return m, m.reshape('reshape_2', x, (4,))


def mobile_v1():
    """The head and the paddings of MobileNet's first version: a softmax as a layer of its own, behind a 1x1 convolution and Reshape."""
    m = Model('mobile_v1', (3, 16, 20), 10)
    x = m.conv('conv1', m.pad('conv1_pad', ('input_1', 0), ((0, 1), (0, 1))), 6, 3, 2, bias=False)
    x = m.relu('conv1_relu', m.bn('conv1_bn', x), 6.0)
    for i, (filters, stride) in enumerate(((8, 1), (10, 2), (10, 1)), 1):
        x = m.pad(f'conv_pad_{i}', x, ((0, 1), (0, 1))) if stride == 2 else x
        x = m.depthwise(f'conv_dw_{i}', x, 3, stride, 'same' if stride == 1 else 'valid')
        x = m.relu(f'conv_dw_{i}_relu', m.bn(f'conv_dw_{i}_bn', x), 6.0)
        x = m.bn(f'conv_pw_{i}_bn', m.conv(f'conv_pw_{i}', x, filters, 1, padding='same', bias=False), scale=False)
        x = m.relu(f'conv_pw_{i}_relu', x, 6.0)
    x = m.bn('sep_bn', m.separable('sep', m.conv('even', x, 10, 3, 2, 'same'), 10, 3))
    x = m.reshape('reshape_1', m.gap('global_average_pooling2d', x), (1, 1, 10))
    x = m.reshape('reshape_2', m.conv('conv_preds', m.drop('dropout', x), 7, 1, padding='same'), (7,))
    m.logits = x
    return m, m.act('act_softmax', x, 'softmax')


def inception():
    """Branches, average pools that do not count padding, Flatten before Dense with rows and columns left, shared layers."""
    m = Model('inception', (3, 11, 14), 3)
    x = m.conv('conv2d', ('input_1', 0), 5, (3, 2), 2, 'same', act='elu')
    a = m.conv('b1', x, 3, 1, act='tanh')
    b = m.conv('b2', m.conv('b2_1x7', x, 4, (1, 7), padding='same', act='selu'), 4, (7, 1), padding='same', act='gelu')
    c = m.conv('b3', m.pool('b3_pool', x, 'avg', 3, 1, 'same'), 2, 1)
    d = m.conv('b4', x, 4, 3, padding='same', dil=2, groups=1)
    x = m.merge('Concatenate', 'mixed0', [a, b, c, d])
    x = m.separable('sep', x, 8, 3, mult=2)
    x = m.conv('grouped', x, 6, 3, padding='same', groups=2)
    x = m.prelu('p_re_lu', x)
    one = m.conv('shared', x, 6, 3, 1, 'same')
    two = m.conv('shared', one, 6, 3, 1, 'same', reuse=m.last)
    x = m.merge('Subtract', 'subtract', [one, two])
    x = m.pool('pool_avg', m.pool('pool_max', x, 'max', 2, 2, 'same'), 'avg', 2, 2, 'same')
    x = m.bn('bn_flat', m.dense('on_map', x, 5))
    y = m.drop('drop', m.act('act', m.flatten('flatten', x), 'relu'))
    y = m.dense('fc1', y, 7, 'relu')
    z = m.bn('bn_units', m.flatten('flatten_2', x))
    z = m.dense('fc2', m.reshape('back', z, (2, 2, 5)), 3)
    return m, m.dense('scores', m.merge('Concatenate', 'both', [y, m.gap('top', z, kind='Max')]), 6)


def nested():
    """A base model inside a model, as transfer learning makes it."""
    base = Model('base', (3, 8, 8), 4)
    x = base.act('relu', base.bn('bn', base.conv('conv', ('input_1', 0), 4, 3, padding='same')), 'relu')
    base.output = base.pool('pool', x, 'max', 2, 2)
    m = Model('nested', (3, 8, 8), 4)
    x = m.nested(base, ('input_1', 0))
    return m, m.dense('head', m.flatten('flatten', x), 3, 'softmax')


def channels_first():
    m = Model('channels_first', (3, 7, 9), 5, channels_first=True)
    x = m.bn('bn', m.conv('conv', ('input_1', 0), 4, 3, 2, 'same', act='relu'))
    x = m.merge('Concatenate', 'cat', [x, m.pool('pool', x, 'max', 3, 1, 'same')])
    return m, m.dense('fc', m.flatten('flatten', x), 3)


def sequential(folder):
    """As tf.keras and Keras 3 write a Sequential; and the same network as Keras 1 did."""
    m = Model('sequential', (3, 10, 10), 6)
    x = m.conv('conv2d', ('input_1', 0), 4, 3, padding='same', act='relu')
    x = m.pool('max_pooling2d', x, 'max', 2, 2)
    x = m.bn('batch_normalization', m.conv('conv2d_1', x, 5, 3))
    x = m.dense('dense', m.flatten('flatten', x), 6, 'relu')
    m.output = m.dense('dense_1', m.drop('dropout', x), 4, 'softmax')
    m.numbers(os.path.join(folder, 'sequential.txt'))
    listed = [dict(class_name=l['cls'], config=l['config']) for l in m.layers]
    with h5py.File(os.path.join(folder, 'sequential.h5'), 'w') as f:
        f.attrs['keras_version'], f.attrs['backend'] = '2.4.0', 'tensorflow'
        f.attrs['model_config'] = json.dumps({'class_name': 'Sequential', 'config': {'name': 'sequential', 'layers': listed}})
        for l in m.layers:
            g = f.create_group('model_weights/' + l['name'])
            # Long lists of names are broken up.
            for i, (role, _) in enumerate(l['weights']):
                g.attrs[f'weight_names{i}'] = [f"{l['name']}/{role}:0".encode()]
            for role, w in l['weights']:
                g.create_dataset(f"{l['name']}/{role}:0", data=w)
    old = dict(filters='nb_filter', padding='border_mode', strides='subsample', use_bias='bias', units='output_dim')
    layers = []
    for l in m.layers[1:]:
        c = {old.get(k, k): v for k, v in l['config'].items()
             if k not in ('data_format', 'groups', 'dilation_rate', 'dtype', 'noise_shape', 'seed', 'kernel_regularizer', 'scale', 'center') and not k.endswith('_initializer')}
        c = {('p' if k == 'rate' else k): v for k, v in c.items()}
        if 'kernel_size' in c:
            c['nb_row'], c['nb_col'] = c.pop('kernel_size')
        if l['cls'] == 'MaxPooling2D':
            c['strides'] = c.pop('subsample')
        if l['cls'] in ('Conv2D', 'MaxPooling2D'):
            c['dim_ordering'] = 'tf'
        if l['cls'] == 'BatchNormalization':
            c.update(mode=0, axis=-1)
        if not layers:
            c['batch_input_shape'] = [None, 10, 10, 3]
        layers.append(dict(class_name='Convolution2D' if l['cls'] == 'Conv2D' else l['cls'], config=c))
    names = dict(kernel='W', bias='b', moving_mean='running_mean', moving_variance='running_std')
    with h5py.File(os.path.join(folder, 'keras1.h5'), 'w') as f:
        f.attrs['keras_version'] = np.bytes_('1.2.2')
        f.attrs['model_config'] = np.bytes_(json.dumps({'class_name': 'Sequential', 'config': layers}))
        for l in m.layers[1:]:
            g = f.create_group('model_weights/' + l['name'])
            g.attrs['weight_names'] = [f"{l['name']}_{names.get(role, role)}:0".encode() for role, _ in l['weights']]
            for role, w in l['weights']:
                g.create_dataset(f"{l['name']}_{names.get(role, role)}:0", data=w)
    # Keras 3 writes no number for a layer of class InputLayer in a Sequential, but lists it.
    buffer = io.BytesIO()
    with h5py.File(buffer, 'w') as f:
        m.vars(f)
    with zipfile.ZipFile(os.path.join(folder, 'sequential.keras'), 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('metadata.json', '{"keras_version": "3.0.5"}')
        c = m.config(3)['layers']
        z.writestr('config.json', json.dumps({'module': 'keras', 'class_name': 'Sequential', 'config': {'name': 'sequential', 'layers': c}}))
        z.writestr('model.weights.h5', buffer.getvalue())


# -- real architectures -------------------------------------------------------------------------------------------------
def resnet50():
    """Keras's ResNet50: biases in the convolutions, stride in the first 1x1 of a stage, epsilon 1.001e-5."""
    m = Model('resnet50', (3, 224, 224), 7)
    x = m.conv('conv1_conv', m.pad('conv1_pad', ('input_1', 0), ((3, 3), (3, 3))), 64, 7, 2)
    x = m.act('conv1_relu', m.bn('conv1_bn', x, 1.001e-5), 'relu')
    x = m.pool('pool1_pool', m.pad('pool1_pad', x, ((1, 1), (1, 1))), 'max', 3, 2)
    for stage, (filters, blocks) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3)), 2):
        for b in range(1, blocks + 1):
            n, stride = f'conv{stage}_block{b}_', 2 if stage > 2 and b == 1 else 1
            s = m.bn(n + '0_bn', m.conv(n + '0_conv', x, 4 * filters, 1, stride), 1.001e-5) if b == 1 else x
            y = m.act(n + '1_relu', m.bn(n + '1_bn', m.conv(n + '1_conv', x, filters, 1, stride), 1.001e-5), 'relu')
            y = m.act(n + '2_relu', m.bn(n + '2_bn', m.conv(n + '2_conv', y, filters, 3, padding='same'), 1.001e-5), 'relu')
            y = m.bn(n + '3_bn', m.conv(n + '3_conv', y, 4 * filters, 1), 1.001e-5)
            x = m.act(n + 'out', m.merge('Add', n + 'add', [s, y]), 'relu')
    return m, m.dense('predictions', m.gap('avg_pool', x), 1000, 'softmax')


def vgg16():
    m = Model('vgg16', (3, 224, 224), 8)
    x = ('input_1', 0)
    for block, (filters, count) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), 1):
        for i in range(1, count + 1):
            x = m.conv(f'block{block}_conv{i}', x, filters, 3, padding='same', act='relu')
        x = m.pool(f'block{block}_pool', x, 'max', 2, 2)
    x = m.dense('fc2', m.dense('fc1', m.flatten('flatten', x), 4096, 'relu'), 4096, 'relu')
    return m, m.dense('predictions', x, 1000, 'softmax')


def mobilenet_v2():
    m = Model('mobilenet_v2', (3, 224, 224), 9)
    x = m.relu('Conv1_relu', m.bn('bn_Conv1', m.conv('Conv1', ('input_1', 0), 32, 3, 2, 'same', bias=False)), 6.0)
    rows = ((16, 1, 1), (24, 2, 6), (24, 1, 6), (32, 2, 6), (32, 1, 6), (32, 1, 6), (64, 2, 6), (64, 1, 6), (64, 1, 6), (64, 1, 6), (96, 1, 6),
            (96, 1, 6), (96, 1, 6), (160, 2, 6), (160, 1, 6), (160, 1, 6), (320, 1, 6))
    for i, (filters, stride, expansion) in enumerate(rows):
        n = f'block_{i}_' if i else 'expanded_conv_'
        channels, y = m.at(x).shape[1], x
        if i:
            y = m.relu(n + 'expand_relu', m.bn(n + 'expand_BN', m.conv(n + 'expand', y, expansion * channels, 1, bias=False)), 6.0)
        if stride == 2:
            y = m.pad(n + 'pad', y, ((0, 1), (0, 1)))
        y = m.depthwise(n + 'depthwise', y, 3, stride, 'same' if stride == 1 else 'valid')
        y = m.relu(n + 'depthwise_relu', m.bn(n + 'depthwise_BN', y), 6.0)
        y = m.bn(n + 'project_BN', m.conv(n + 'project', y, filters, 1, bias=False))
        x = m.merge('Add', n + 'add', [x, y]) if channels == filters and stride == 1 else y
    x = m.relu('out_relu', m.bn('Conv_1_bn', m.conv('Conv_1', x, 1280, 1, bias=False)), 6.0)
    return m, m.dense('predictions', m.gap('global_average_pooling2d', x), 1000, 'softmax')


if __name__ == '__main__':
    folder = sys.argv[1]
    if '--big' in sys.argv:
        for make in (resnet50, vgg16, mobilenet_v2):
            m, x = make()
            m.write(folder, x, keras=make is not vgg16)
    else:
        for make in (residual, mobile, mobile_v1, inception, nested, channels_first):
            m, x = make()
            m.write(folder, x, h5=make is not mobile_v1)
        sequential(folder)
