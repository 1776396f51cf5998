"""The architectures of keras.applications, with their names, paddings, epsilons and order of layers, but few channels and blocks.

python3 make_keras_applications.py FOLDER

What writes the files and computes the values is make_keras_models.py. The library and its tests never run this.
"""
import sys
from make_keras_models import Model

EPS = 1.001e-5


def top(m, x, pool='avg_pool'):
    return m, m.dense('predictions', m.gap(pool, x), 5, 'softmax')


def vgg19():
    m = Model('vgg19', (3, 34, 37), 22, big='few')
    x = ('input_1', 0)
    for block, (filters, count) in enumerate(((4, 2), (5, 2), (6, 4), (7, 4), (6, 4)), 1):
        for i in range(1, count + 1):
            x = m.conv(f'block{block}_conv{i}', x, filters, 3, padding='same', act='relu')
        x = m.pool(f'block{block}_pool', x, 'max', 2, 2)
    x = m.dense('fc2', m.dense('fc1', m.flatten('flatten', x), 10, 'relu'), 9, 'relu')
    return m, m.dense('predictions', x, 5, 'softmax')


def resnet50():
    """The stride stands in the first 1x1 of a stage; every convolution has a bias."""
    m = Model('resnet50', (3, 41, 38), 23, big='few')
    x = m.conv('conv1_conv', m.pad('conv1_pad', ('input_1', 0), ((3, 3), (3, 3))), 4, 7, 2)
    x = m.act('conv1_relu', m.bn('conv1_bn', x, EPS), 'relu')
    x = m.pool('pool1_pool', m.pad('pool1_pad', x, ((1, 1), (1, 1))), 'max', 3, 2)
    for stage, (filters, blocks) in enumerate(((2, 2), (2, 2), (3, 2), (3, 2)), 2):
        for b in range(1, blocks + 1):
            n, stride = f'conv{stage}_block{b}_', 2 if stage > 2 and b == 1 else 1
            s = m.bn(n + '0_bn', m.conv(n + '0_conv', x, 4 * filters, 1, stride), EPS) if b == 1 else x
            y = m.act(n + '1_relu', m.bn(n + '1_bn', m.conv(n + '1_conv', x, filters, 1, stride), EPS), 'relu')
            y = m.act(n + '2_relu', m.bn(n + '2_bn', m.conv(n + '2_conv', y, filters, 3, padding='same'), EPS), 'relu')
            y = m.bn(n + '3_bn', m.conv(n + '3_conv', y, 4 * filters, 1), EPS)
            x = m.act(n + 'out', m.merge('Add', n + 'add', [s, y]), 'relu')
    return top(m, x)


def resnet50v2():
    """Normalisation comes first; the last block of a stage has the stride, and its shortcut is a pool of one place."""
    m = Model('resnet50v2', (3, 41, 38), 24, big='few')
    x = m.conv('conv1_conv', m.pad('conv1_pad', ('input_1', 0), ((3, 3), (3, 3))), 4, 7, 2)
    x = m.pool('pool1_pool', m.pad('pool1_pad', x, ((1, 1), (1, 1))), 'max', 3, 2)
    pools = 0
    for stage, (filters, blocks) in enumerate(((3, 2), (3, 3), (4, 2)), 2):
        for b in range(1, blocks + 1):
            n, stride = f'conv{stage}_block{b}_', 2 if stage < 4 and b == blocks else 1
            pre = m.act(n + 'preact_relu', m.bn(n + 'preact_bn', x, EPS), 'relu')
            if b == 1:
                s = m.conv(n + '0_conv', pre, 4 * filters, 1, stride)
            elif stride > 1:
                s = m.pool('max_pooling2d' + (f'_{pools}' if pools else ''), x, 'max', 1, stride)
                pools += 1
            else:
                s = x
            y = m.act(n + '1_relu', m.bn(n + '1_bn', m.conv(n + '1_conv', pre, filters, 1, bias=False), EPS), 'relu')
            y = m.conv(n + '2_conv', m.pad(n + '2_pad', y, ((1, 1), (1, 1))), filters, 3, stride, bias=False)
            y = m.conv(n + '3_conv', m.act(n + '2_relu', m.bn(n + '2_bn', y, EPS), 'relu'), 4 * filters, 1)
            x = m.merge('Add', n + 'out', [s, y])
    return top(m, m.act('post_relu', m.bn('post_bn', x, EPS), 'relu'))


def densenet():
    """Names with a slash, as tf.keras wrote them."""
    m = Model('densenet', (3, 37, 34), 25, big='few')
    x = m.conv('conv1/conv', m.pad('zero_padding2d', ('input_1', 0), ((3, 3), (3, 3))), 6, 7, 2, bias=False)
    x = m.act('conv1/relu', m.bn('conv1/bn', x, EPS), 'relu')
    x = m.pool('pool1', m.pad('zero_padding2d_1', x, ((1, 1), (1, 1))), 'max', 3, 2)
    for stage, blocks in ((2, 2), (3, 1)):
        for b in range(1, blocks + 1):
            n = f'conv{stage}_block{b}'
            y = m.act(n + '_0_relu', m.bn(n + '_0_bn', x, EPS), 'relu')
            y = m.act(n + '_1_relu', m.bn(n + '_1_bn', m.conv(n + '_1_conv', y, 4, 1, bias=False), EPS), 'relu')
            x = m.merge('Concatenate', n + '_concat', [x, m.conv(n + '_2_conv', y, 3, 3, padding='same', bias=False)])
        if stage == 2:
            x = m.act('pool2_relu', m.bn('pool2_bn', x, EPS), 'relu')
            x = m.pool('pool2_pool', m.conv('pool2_conv', x, 6, 1, bias=False), 'avg', 2, 2)
    return top(m, m.act('relu', m.bn('bn', x, EPS), 'relu'))


def inception_v3():
    """Normalisations without scale, average pools that do not count padding, 1x7 and 7x1, concatenations of concatenations."""
    m = Model('inception_v3', (3, 75, 79), 26, big='few')
    count = [0]

    def conv(x, filters, rows, columns, stride=1, padding='same'):
        end = f'_{count[0]}' if count[0] else ''
        count[0] += 1
        x = m.conv('conv2d' + end, x, filters, (rows, columns), stride, padding, bias=False)
        return m.act('activation' + end, m.bn('batch_normalization' + end, x, 1e-3, scale=False), 'relu')

    x = conv(('input_1', 0), 3, 3, 3, 2, 'valid')
    x = conv(conv(x, 3, 3, 3, padding='valid'), 4, 3, 3)
    x = m.pool('max_pooling2d', x, 'max', 3, 2)
    x = conv(conv(x, 4, 1, 1, padding='valid'), 5, 3, 3, padding='valid')
    x = m.pool('max_pooling2d_1', x, 'max', 3, 2)
    pools = ['average_pooling2d' + (f'_{i}' if i else '') for i in range(9)]
    one = conv(x, 3, 1, 1)
    five = conv(conv(x, 2, 1, 1), 3, 5, 5)
    double = conv(conv(conv(x, 3, 1, 1), 3, 3, 3), 3, 3, 3)
    x = m.merge('Concatenate', 'mixed0', [one, five, double, conv(m.pool(pools.pop(0), x, 'avg', 3, 1, 'same'), 2, 1, 1)])
    three = conv(x, 4, 3, 3, 2, 'valid')
    double = conv(conv(conv(x, 2, 1, 1), 3, 3, 3), 3, 3, 3, 2, 'valid')
    x = m.merge('Concatenate', 'mixed3', [three, double, m.pool('max_pooling2d_2', x, 'max', 3, 2)])
    one = conv(x, 3, 1, 1)
    seven = conv(conv(conv(x, 2, 1, 1), 2, 1, 7), 3, 7, 1)
    double = conv(conv(conv(conv(conv(x, 2, 1, 1), 2, 7, 1), 2, 1, 7), 2, 7, 1), 3, 1, 7)
    x = m.merge('Concatenate', 'mixed4', [one, seven, double, conv(m.pool(pools.pop(0), x, 'avg', 3, 1, 'same'), 3, 1, 1)])
    three = conv(conv(x, 2, 1, 1), 4, 3, 3, 2, 'valid')
    seven = conv(conv(conv(conv(x, 2, 1, 1), 2, 1, 7), 2, 7, 1), 3, 3, 3, 2, 'valid')
    x = m.merge('Concatenate', 'mixed8', [three, seven, m.pool('max_pooling2d_3', x, 'max', 3, 2)])
    one = conv(x, 4, 1, 1)
    three = conv(x, 3, 1, 1)
    three = m.merge('Concatenate', 'mixed9_0', [conv(three, 3, 1, 3), conv(three, 3, 3, 1)])
    double = conv(conv(x, 3, 1, 1), 3, 3, 3)
    double = m.merge('Concatenate', 'concatenate', [conv(double, 3, 1, 3), conv(double, 3, 3, 1)])
    x = m.merge('Concatenate', 'mixed9', [one, three, double, conv(m.pool(pools.pop(0), x, 'avg', 3, 1, 'same'), 3, 1, 1)])
    return top(m, x)


def xception():
    m = Model('xception', (3, 39, 42), 27, big='few')
    x = m.conv('block1_conv1', ('input_1', 0), 4, 3, 2, 'valid', bias=False)
    x = m.conv('block1_conv2', m.act('block1_conv1_act', m.bn('block1_conv1_bn', x), 'relu'), 5, 3, bias=False)
    x = m.act('block1_conv2_act', m.bn('block1_conv2_bn', x), 'relu')

    def sep(n, x, filters, before):
        x = m.act(n + '_act', x, 'relu') if before else x
        return m.bn(n + '_bn', m.separable(n, x, filters, 3, act='linear', bias=False))

    for i, (block, filters) in enumerate(((2, 6), (3, 7))):
        end = f'_{i}' if i else ''
        s = m.bn('batch_normalization' + end, m.conv('conv2d' + end, x, filters, 1, 2, 'same', bias=False))
        y = sep(f'block{block}_sepconv2', sep(f'block{block}_sepconv1', x, filters, block > 2), filters, True)
        x = m.merge('Add', 'add' + end, [m.pool(f'block{block}_pool', y, 'max', 3, 2, 'same'), s])
    y = x
    for i in (1, 2, 3):
        y = sep(f'block5_sepconv{i}', y, 7, True)
    x = m.merge('Add', 'add_2', [y, x])
    for i, filters in ((1, 8), (2, 9)):
        n = f'block14_sepconv{i}'
        x = m.act(n + '_act', sep(n, x, filters, False), 'relu')
    return top(m, x)


def mobilenet_v2():
    m = Model('mobilenet_v2', (3, 39, 42), 28, big='few')
    x = m.relu('Conv1_relu', m.bn('bn_Conv1', m.conv('Conv1', ('input_1', 0), 4, 3, 2, 'same', bias=False)), 6.0)
    for i, (filters, stride, expansion) in enumerate(((3, 1, 1), (4, 2, 2), (4, 1, 2), (5, 2, 2), (5, 1, 2))):
        n = f'block_{i}_' if i else 'expanded_conv_'
        channels, y = m.at(x).shape[1], x
        if i:
            y = m.relu(n + 'expand_relu', m.bn(n + 'expand_BN', m.conv(n + 'expand', y, expansion * channels, 1, padding='same', bias=False)), 6.0)
        if stride == 2:                                   # an even size is padded before by 0, an odd one by 1
            rows, columns = m.at(y).shape[2:]
            y = m.pad(n + 'pad', y, ((rows % 2, 1), (columns % 2, 1)))
        y = m.depthwise(n + 'depthwise', y, 3, stride, 'same' if stride == 1 else 'valid')
        y = m.relu(n + 'depthwise_relu', m.bn(n + 'depthwise_BN', y), 6.0)
        y = m.bn(n + 'project_BN', m.conv(n + 'project', y, filters, 1, padding='same', bias=False))
        x = m.merge('Add', n + 'add', [x, y]) if channels == filters and stride == 1 else y
    x = m.relu('out_relu', m.bn('Conv_1_bn', m.conv('Conv_1', x, 12, 1, bias=False)), 6.0)
    return top(m, x, 'global_average_pooling2d')


if __name__ == '__main__':
    folder = sys.argv[1]
    for make in (vgg19, resnet50, resnet50v2, densenet, inception_v3, xception, mobilenet_v2):
        m, x = make()
        old = make is densenet
        m.write(folder, x, h5=old, keras=not old)
