use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Wishes: nobody reads one before a worker says what may be read; the first
# team that claims it has it; it may become an order, or be answered.

use Wenming::Source;

my $WISH = '想学用手机 <script>alert(1)</script>';
my $TEXT = "住在三栋 & \"眼睛\" 不好\n第二行";

my $site = site(expect => [qr/wenming: (?:state|conflict)/]);
my $redis = $site->redis;
my $web = $site->browser;
my $worker = $site->staff(unit => 'wenyilu');
my $second = $site->staff(unit => 'wenyilu', name => 'second');
my $reviewer = $site->staff(unit => 'wenyilu', role => 'reviewer');
my $auditor = $site->staff(role => 'auditor');
my $beside = $site->staff(unit => 'huoxing');
my $lead = $site->staff(unit => 'wenyilu', role => 'lead',
                        team => 'wenyilu-squad');
my $lecturer = $site->staff(unit => 'furong', role => 'lecturer',
                            team => 'lecturers');
my $soon = substr Wenming::Site::iso(time + 20 * 86400), 0, 10;
my $people = 0;


sub wish {
    my (%change) = @_;

    $people++;

    return { wish => '想学用手机挂号', text => '眼睛不好', who => 'new',
             category => 'study', unit => 'wenyilu-1',
             name => "居民$people", phone => $site->phone($people), %change };
}


# A device of its own for each, so that no limit counts.

my $device;

sub wished {
    $device = $site->browser;

    my $r = $device->post('api/wishes', json => wish(@_));

    die "no wish: $r->{status} $r->{body}" if $r->{status} != 201;

    return $r->json->{id};
}


sub act {
    my ($who, $id, $action, %body) = @_;

    return $who->post("api/staff/wishes/$id/$action", json => \%body);
}


sub published {
    my $id = wished(@_);
    my $r = act($worker, $id, 'publish', wish => '想学手机');

    die "not published: $r->{status} $r->{body}" if $r->{status} != 200;

    return $id;
}


sub seen {
    my ($who, $id) = @_;

    return $who->get("api/staff/wishes/$id")->json;
}


sub ids {
    my ($who, %query) = @_;

    my $r = $who->get('api/staff/wishes', query => \%query);

    return map { $_->{id} } @{$r->json->{items} || []};
}


sub wall {
    my (%query) = @_;

    return map { $_->{id} }
           @{$web->get('api/wishes', query => \%query)->json->{items}};
}


sub mine {
    my ($browser, $id) = @_;

    return (grep { $_->{id} eq $id }
            @{$browser->get('api/me/wishes')->json->{items}})[0];
}


# Whether a text is in the journal or in a log; and where else in Redis.

sub journal_has {
    my ($text) = @_;

    my $all = join "\n", (map { Wenming::Site::read_file("$site->{dir}/$_") }
                          qw(error.log access.log)),
                         map { $_->{effects} } $site->journal;

    utf8::encode($text) if utf8::is_utf8($text);

    return index($all, $text) >= 0;
}


sub redis_has {
    my ($text) = @_;

    utf8::encode($text) if utf8::is_utf8($text);

    for my $key (@{$redis->call('KEYS', '*')}) {
        my $type = $redis->call('TYPE', $key);
        my $dump = $type eq 'hash' ? $redis->call('HGETALL', $key)
                   : $type eq 'zset' ? $redis->call('ZRANGE', $key, 0, -1)
                   : $type eq 'string' ? [$redis->call('GET', $key)] : [];

        return $key if grep { index($_, $text) >= 0 } @$dump;
    }

    return;
}


# ---- the table, in the sources and in docs/wishes.md

my $source = Wenming::Source->new;
my @states = grep { length } map { $_->[0] } $source->table('wm_wish_states');
my @who = qw(wisher reviewer worker team holder);
my @table;

for my $row ($source->table('wm_wish_actions')) {
    my ($code, $from, $next, $who, $needs, undef, $text) = @$row;

    push @table, {
        code => $code, text => $text, next => lc($next =~ s/WM_WISH_//r),
        from => [grep { $from =~ /\bWM_WISH_\U$_\E\b/ } @states],
        who => [grep { $who =~ /\bWM_WISH_NR_\U$_\E\b/ } @who],
        needs => lc($needs =~ s/WM_WISH_NEED_//r) };
}

is scalar @table, 9, 'the table has its actions';

my $docs = Wenming::Site::read_file("$Wenming::Site::ROOT/docs/wishes.md");
utf8::decode($docs);
my @documented = $docs =~ /^(\| `\w+` \| [^|]*\|[^|]*\|[^|]*\|.*)$/mg;

is_deeply \@documented, [map { my $t = $_;
    '| ' . join(' | ', "`$t->{code}`", $t->{text}, join(', ', @{$t->{from}}),
                $t->{next}, join(', ', @{$t->{who}}),
                $t->{needs} eq 'nothing' ? '' : $t->{needs}) =~ s/  / /gr
    . ($t->{needs} eq 'nothing' ? '|' : ' |') } @table],
    'docs/wishes.md has the table of the sources';


# ---- the form

page($web->get('menu'), 200, ['没有找到想要的课程？说说您的心愿'],
     'the menu leads there');

my $page = $web->get('wishes/new');

page($page, 200, ['一句话说说您的心愿', '不要在上面写姓名、电话、住址',
                  '属于哪一类', '离您最近的文明实践站'],
     'a form says what will be public');

my $r = $site->send_form($web, $page, {
    wish => $WISH, text => $TEXT, category => 'study', unit => '',
    name => '张示例', phone => $site->phone(++$people) }, qr{/wishes$});

page($r, 422, ['有内容需要更正', '这一项必须填写', $WISH],
     'what was typed comes back');
unlike $r->text, qr/<script>/, 'as text';

$r = $site->send_form($web, $r, {
    wish => $WISH, text => $TEXT, category => 'study', unit => 'wenyilu-1',
    name => '张示例', phone => $site->phone($people) }, qr{/wishes$});
page($r, 201, ['心愿已收到', '待审核', $WISH], 'taken');
unlike $r->text, qr/<script>/, 'as text, again';
is $r->header('cache-control'), 'no-store', 'which no cache keeps';

my ($id) = map { $_->{id} } @{$web->get('api/me/wishes')->json->{items}};
my $mine = mine($web, $id);

is "$mine->{wish} $mine->{text}", "$WISH $TEXT", 'the wisher reads it';
page($web->get('my/wishes'), 200, [$WISH, '待审核', '撤回这个心愿'],
     'on a page');
page($web->get('wishes/new'), 200, ['您好', '张示例', '替家人说'],
     'who is known need not type again');
unlike $site->browser->get('wishes/new')->text, qr/张示例/,
       'only on this device';


# ---- nobody else

problem($site->browser->get("api/wishes/$id"), 404, 'not_found', undef,
        'the public does not see it');
problem($web->get("api/wishes/$id"), 404, 'not_found', undef,
        'nor does its wisher there');
is $web->get("wish/$id")->{status}, 404, 'the page is not there';
is_deeply [wall()], [], 'nor is it on the list';
is_deeply $site->browser->get('api/me/wishes')->json->{items}, [],
          'another device has none';
problem($site->browser->post("api/wishes/$id/withdraw"), 404, 'not_found',
        undef, 'and cannot withdraw it');
problem($lead->get("api/staff/wishes/$id"), 404, 'not_found', undef,
        'a team does not see it');
problem(act($lead, $id, 'claim'), 404, 'not_found', undef,
        'nor claim it');
problem($beside->get("api/staff/wishes/$id"), 404, 'not_found', undef,
        'nor does another unit');
problem(act($beside, $id, 'publish', wish => '好'), 404, 'not_found', undef,
        'nor may it publish');
is_deeply [ids($beside)], [], 'not in its list';
problem($site->browser->get("api/staff/wishes/$id"), 401, 'sign_in', undef,
        'workers sign in');
ok !journal_has($_), 'the journal does not have it' for '住在三栋', '想学用';
ok !redis_has($_), 'nor anything in Redis' for '住在三栋', '想学用', '张示例';
is seen($auditor, $id)->{wish}, $WISH, 'who reads the unit may';
problem(act($auditor, $id, 'refuse', reason => '无'), 403, 'forbidden', undef,
        'and no more');
is_deeply [sort @{seen($reviewer, $id)->{possible}}], [qw(publish refuse)],
          'a reviewer says whether it is public';
problem(act($reviewer, $id, 'answer', answer => '好'), 403, 'forbidden',
        undef, 'and does not answer');
is_deeply seen($worker, $id)->{possible}, [qw(publish refuse answer order)],
          'a worker can do all of it';


# ---- the whole way

problem(act($reviewer, $id, 'publish'), 422, 'invalid', ['wish'],
        'nothing is published that was not sent');

problem(act($reviewer, $id, 'publish', wish => $_->[0], text => $_->[1]),
        422, 'invalid', [$_->[2]], 'nor who wished')
    for ['替张示例问问', '', 'wish'],
        ['学手机', $site->phone($people) =~ s/(....)/$1 /gr, 'text'],
        ['学手机', '电话' . $site->phone($people), 'text'];

$page = $reviewer->get("staff/wishes/$id");
page($page, 200, [$WISH, '公开的一句话', '所有人都会看到', '张示例'],
     'the reviewer has a form with what was written');
unlike $page->text, qr/<script>/, 'as text';

my ($said) = $page->text =~ /name="wish"[^>]*value="([^"]*)"/;
is Wenming::Answer::unescape($said), $WISH, 'to be shortened';

$r = $site->send_form($reviewer, $page, { wish => '', text => 'x' },
                      qr/publish$/);
page($r, 422, ['这一项必须填写', 'id="wish-error"'],
     'what is missing is said at its field');
$r = $site->send_form($reviewer, $page, {
    wish => '想学手机 <b>', text => '眼睛不好' }, qr/publish$/);
is $r->{status}, 303, 'published';

my $public = $site->browser->get("api/wishes/$id")->json;

is join(' ', sort keys %$public),
   'answer category category_text course course_title date id status '
   . 'status_text team_name text unit unit_name wish',
   'the public sees that, and nobody';
is "$public->{wish} $public->{text} $public->{status}",
   '想学手机 <b> 眼睛不好 open', 'as the reviewer sent it';
is_deeply [wall()], [$id], 'it is on the list';
is_deeply [wall(unit => 'wenyilu')], [$id], 'of the units above';
is_deeply [wall(unit => 'huoxing')], [], 'and of no other';
is_deeply [wall(category => 'law')], [], 'nor among another kind';
problem($web->get('api/wishes?category=x'), 422, 'invalid', ['category'],
        'which there must be');

for my $path ('wishes', "wish/$id", 'fragment/wishes') {
    $r = $site->browser->get($path);
    is $r->{status}, 200, $path;
    unlike $r->text, qr/张示例|139\d{8}|住在三栋|<b>|<script>/,
           'has nothing personal, and text as text';
    like Wenming::Answer::unescape($r->text), qr/想学手机 <b>/,
         'and the wish';
}

unlike $site->browser->get('fragment/wishes')->{body}, qr/[^\x00-\x7f]/,
       'a fragment is ASCII';
ok !journal_has('住在三栋') && !redis_has('住在三栋'),
   'what was cut stays sealed';
ok journal_has('想学手机'), 'what is public is no secret';

my $for_team = seen($lead, $id);

is $for_team->{shown_wish}, '想学手机 <b>', 'a team in reach sees it';
ok !grep({ exists $for_team->{$_} } qw(wish text phone contact_name reason)),
   'without whom to ring up';
is_deeply $for_team->{possible}, ['claim'], 'and can claim it';
is_deeply [ids($lead)], [$id], 'it is in its list';
page($lead->get('staff/wishes'), 200, ['想学手机'], 'on the page too');

$page = $lead->get("staff/wishes/$id");
page($page, 200, ['认领'], 'with a button');
$r = $site->send_form($lead, $page, {}, qr/claim$/);
is $r->{status}, 303, 'claimed';
is seen($lead, $id)->{phone}, $site->phone($people),
   'now the team knows whom to ring up';
ok !exists seen($lecturer, $id)->{phone}, 'and no other';
$r = act($lecturer, $id, 'claim');
problem($r, 409, 'state', undef, 'who comes later hears so');
is $r->json->{team_name}, '文艺路街道示例社区一志愿服务队', 'and who has it';
is $r->json->{state}, 'claimed', 'how it stands';
is $site->browser->get("api/wishes/$id")->json->{team_name},
   '文艺路街道示例社区一志愿服务队', 'as the public does';
is_deeply [ids($lecturer)], [], 'it is off the other list';

problem(act($lecturer, $id, 'fulfil'), 403, 'forbidden', undef,
        'another team does not do it');
problem(act($lead, $id, 'release'), 422, 'invalid', ['reason'],
        'to give it back needs a reason');
is act($lead, $id, 'release', reason => '最近没有人手')->json->{status},
   'open', 'given back';
is mine($web, $id)->{reason}, '', 'the wisher is not told why';
is seen($worker, $id)->{reason}, '最近没有人手', 'workers are';
ok !redis_has('最近没有人手') && !journal_has('最近没有人手'), 'sealed';
is act($lecturer, $id, 'claim')->{status}, 200, 'another team takes it';
is act($lecturer, $id, 'fulfil')->json->{status}, 'done', 'and does it';
ok !exists seen($lecturer, $id)->{phone}, 'then the phone is not shown';
is $site->browser->get("api/wishes/$id")->json->{status}, 'done',
   'everyone sees that it is done';

is join(' ', map { $_->{text} . $_->{team_name} } @{mine($web, $id)->{log}}),
   '已提交 已公开，等待认领 已认领：文艺路街道示例社区一志愿服务队 '
   . '重新等待认领 已认领：芙蓉区百姓宣讲团（示例） '
   . '已实现：芙蓉区百姓宣讲团（示例）', 'the wisher reads all of it';
is join(' ', map { $_->{by} } @{seen($worker, $id)->{log}}),
   ' reviewer-wenyilu lead-wenyilu lead-wenyilu lecturer-furong '
   . 'lecturer-furong', 'a worker, who did';
page($web->get('my/wishes'), 200, ['已实现', '已认领：'], 'on the page too');
is act($reviewer, $id, 'refuse', reason => '误发')->json->{status},
   'refused', 'also what is done can be taken from the public';
problem($site->browser->get("api/wishes/$id"), 404, 'not_found', undef,
        'at once');
is_deeply [wall()], [], 'from the list too';
is mine($web, $id)->{reason}, '误发', 'the wisher is told why';


# ---- an answer

$id = published();

my $asks = $device;

problem(act($worker, $id, 'answer', answer => '好', course => 'none'), 422,
        'invalid', ['course'], 'a course is one of the menu');
problem(act($worker, $id, 'answer', course => 'law-01'), 422, 'invalid',
        ['answer'], 'and does not answer alone');
is act($worker, $id, 'answer', answer => '周三来 <听> 课',
       course => 'law-01')->json->{status}, 'answered', 'answered';
$public = $site->browser->get("api/wishes/$id")->json;
is "$public->{answer} $public->{course}", '周三来 <听> 课 law-01',
   'for all, as it was public';
ok length $public->{course_title}, 'with the name of the course';
page($site->browser->get("wish/$id"), 200, ['周三来 <听> 课'], 'on its page');
like $site->browser->get("wish/$id")->text,
     qr{href="/wenming/course/law-01"}, 'that leads to the course';

$id = wished();
is act($worker, $id, 'answer', answer => '悄悄告诉您')->{status}, 200,
   'answered without being public';
is mine($device, $id)->{answer}, '悄悄告诉您', 'for the wisher';
page($device->get('my/wishes'), 200, ['悄悄告诉您'], 'on the page');
problem($site->browser->get("api/wishes/$id"), 404, 'not_found', undef,
        'and for nobody else');
ok !redis_has('悄悄告诉您') && !journal_has('悄悄告诉您'), 'sealed';


# ---- an order

$id = published(wish => '想听法律课', text => '遗嘱怎么写');
$asks = $device;

problem(act($worker, $id, 'order'), 422, 'invalid',
        [qw(course head_count wanted)], 'an order needs its fields');
problem(act($worker, $id, 'order', course => 'law-01', head_count => 5,
            wanted => ['2020-01-01']), 422, 'invalid', ['wanted'],
        'in days to come');

my $length = $site->journal_length;
my %order = (course => 'law-01', wanted => [$soon], head_count => 12);

$r = act($worker, $id, 'order', %order);
is $r->{status}, 200, 'it becomes an order' or diag $r->text;
is $r->json->{status}, 'ordered', 'as it says';
is $site->journal_length, $length + 1, 'in one commit';

my $placed = $r->json->{order};
my ($o) = @{$asks->get('api/me/orders')->json->{items}};

is "$o->{id} $o->{status} $o->{course} $o->{head_count}",
   "$placed submitted law-01 12", 'the wisher has it under 我的点单';
like $o->{number}, qr/^\d{10}$/, 'with a number';
is mine($asks, $id)->{order}, $placed, 'the wish tells of it';

my $staff = $worker->get("api/staff/orders/$placed")->json;

is $staff->{note}, "心愿：想听法律课\n遗嘱怎么写", 'what was wished is its note';
is "$staff->{contact_name} $staff->{log}[0]{by}",
   "居民$people worker-wenyilu", 'with whom to ring up, and who made it';
problem($site->browser->get("api/wishes/$id"), 404, 'not_found', undef,
        'it is not on the wall any more');
ok !journal_has('遗嘱'), 'the note is sealed';
is $asks->post("api/orders/$placed/cancel")->{status}, 200,
   'the wisher can cancel it';


# ---- every action from every state

sub in_state {
    my ($state) = @_;

    my $id = $state =~ /submitted|refused|withdrawn/ ? wished() : published();
    my %way = (
        claimed => sub { act($lead, $id, 'claim') },
        done => sub { act($lead, $id, 'claim'); act($lead, $id, 'fulfil') },
        answered => sub { act($worker, $id, 'answer', answer => '好') },
        ordered => sub { act($worker, $id, 'order', %order) },
        refused => sub { act($worker, $id, 'refuse', reason => '无') },
        withdrawn => sub { $device->post("api/wishes/$id/withdraw") });

    $way{$state}->() if $way{$state};

    return $id;
}


for my $t (@table) {
    next if $t->{code} eq 'submit';

    for my $state (@states) {
        my $id = in_state($state);
        my $allowed = grep { $_ eq $state } @{$t->{from}};
        my $wisher = $t->{code} eq 'withdraw';

        is seen($worker, $id)->{status}, $state, "a wish that is $state";

        my $before = $site->journal_length;
        my %record = @{$redis->call('HGETALL', $site->key("wish:$id"))};
        my $who = $t->{code} eq 'claim' ? $lead : $worker;
        my $r = $wisher ? $device->post("api/wishes/$id/withdraw")
                : act($who, $id, $t->{code}, reason => '无', answer => '好',
                      wish => '好', %order);
        my $name = "$t->{code} of $state";

        if ($allowed) {
            is $r->{status}, 200, $name or diag $r->text;
            is $r->json->{status}, $t->{next}, 'leads where the table says';
            is $site->journal_length, $before + 1, 'with one entry';
            next;
        }

        if ($wisher && $state eq 'withdrawn') {
            is $r->{status}, 200, "$name is no error";

        } elsif ($t->{code} eq 'claim'
                 && $state !~ /^(?:claimed|done|answered)$/) {
            problem($r, 404, 'not_found', undef, "$name: out of sight");

        } else {
            problem($r, 409, 'state', undef, $name);
            is $r->json->{state}, $state, 'says what it is';
            is_deeply $r->json->{possible}, $wisher ? [] : [
                map { $_->{code} } grep { may($_, $state, $who) } @table ],
                'and what is possible';
        }

        is $site->journal_length, $before, 'and nothing happens';
        is_deeply { @{$redis->call('HGETALL', $site->key("wish:$id"))} },
                  \%record, 'to the record';
    }
}


sub may {
    my ($t, $state, $who) = @_;

    my $is = $who == $lead ? ($state =~ /claimed|done/ ? 'team|holder'
                                                       : 'team')
                           : 'reviewer|worker';

    return (grep { /^(?:$is)$/ } @{$t->{who}})
           && (grep { $_ eq $state } @{$t->{from}});
}


# ---- two teams at once: one wins, twenty times

my %won;

for my $n (1 .. 20) {
    my $id = published();
    my @both = at_once(
        [$lead, 'POST', "api/staff/wishes/$id/claim", json => {}],
        [$lecturer, 'POST', "api/staff/wishes/$id/claim", json => {}]);
    my ($loser) = grep { $_->{status} == 409 } @both;
    my ($winner) = grep { $_->{status} == 200 } @both;

    is join(' ', sort map { $_->{status} } @both), '200 409',
       "$n: one of them wins" or next;
    is $loser->json->{team_name}, $winner->json->{team_name},
       'the other hears who';
    is scalar(grep { $_->{action} eq 'claim' } @{seen($worker, $id)->{log}}),
       1, 'it was claimed once';
    $won{$winner->json->{team}}++;
}

is +($won{'wenyilu-squad'} || 0) + ($won{lecturers} || 0), 20,
   'each of them has one team';


# ---- other pairs at once: one step is taken, the other has left nothing

for my $pair ([$worker, 'order', $second, 'order'],
              [$worker, 'order', $lead, 'claim'],
              [$worker, 'answer', $lead, 'claim'],
              [$worker, 'answer', $second, 'refuse'])
{
    my ($one, $does, $other, $too) = @$pair;
    my $id = published();
    my $before = $site->journal_length;
    my @both = at_once(map {
        [$_->[0], 'POST', "api/staff/wishes/$id/$_->[1]", json => {
            %order, answer => '好', reason => '无' }] }
        [$one, $does], [$other, $too]);
    my @won = grep { $_->{status} == 200 } @both;
    my $steps = @{seen($worker, $id)->{log}};

    # who refuses may also refuse what was answered just before

    my $twice = $too eq 'refuse' && @won == 2;

    ok @won == 1 || $twice, "$does and $too at once: one of them";
    is $site->journal_length, $before + @won, 'has an entry';
    is $steps, 2 + @won, 'and a step';
    is scalar(@{$device->get('api/me/orders')->json->{items}}),
       seen($worker, $id)->{status} eq 'ordered' ? 1 : 0,
       'and there is an order for it, or none';
}


# ---- a wish withdrawn and published at once

$id = wished();

my @race = at_once(
    [$device, 'POST', "api/wishes/$id/withdraw"],
    [$worker, 'POST', "api/staff/wishes/$id/publish",
     json => { wish => '抢' }]);

is $race[0]{status}, 200, 'the wisher has the last word';
is seen($worker, $id)->{status}, 'withdrawn', 'whoever was first';
problem($site->browser->get("api/wishes/$id"), 404, 'not_found', undef,
        'and nobody reads it');
is scalar(grep { $_ eq $id } wall()), 0, 'not on the list';


# ---- the same request again

my $body = wish();
my %key = (json => $body, headers => { 'Idempotency-Key' => 'one' });
my ($one, $other) = ($site->browser, $site->browser);
my @twice = map { $_->post('api/wishes', %key) } $one, $one, $other;

is join(' ', map { $_->{status} } @twice), '201 201 201',
   'a lost answer does no harm';
is scalar(keys %{{ map { $_->json->{id} => 1 } @twice }}), 1,
   'it is one wish';
is mine($other, $twice[0]->json->{id})->{wish}, $body->{wish},
   'a cookie that was lost with the answer comes again';
is scalar(grep { $_->{person} eq $redis->call(
                   'HGET', $site->key('wish:' . $twice[0]->json->{id}),
                   'person') }
          map { { @{$redis->call('HGETALL', $_)} } }
          @{$redis->call('KEYS', $site->key('wish:*') =~ s/[{}]/?/gr)}), 1,
   'in Redis too';
problem($one->post('api/wishes', %key, json => { %$body, text => '改' }),
        422, 'key_reused', undef, 'another body is another request');

$id = published();
%key = (json => { %order }, headers => { 'Idempotency-Key' => 'two' });
$length = $site->journal_length;
@twice = map { $worker->post("api/staff/wishes/$id/order", %key) } 1, 2;
is join(' ', map { "$_->{status} " . $_->json->{order} } @twice),
   join(' ', ('200 ' . $twice[0]->json->{order}) x 2),
   'the same key twice is one order';
is $site->journal_length, $length + 1, 'in one commit';

$id = published();
%key = (json => {}, headers => { 'Idempotency-Key' => 'three' });
is $lead->post("api/staff/wishes/$id/claim", %key)->{status}, 200, 'claimed';
act($lead, $id, 'release', reason => '误领');
act($lecturer, $id, 'claim');
is $lead->post("api/staff/wishes/$id/claim", %key)->json->{team},
   'lecturers', 'a late repeat takes nothing away';
problem($lead->post("api/staff/wishes/$id/claim", json => {}), 409, 'state',
        undef, 'a new one is too late');


# ---- what is no wish

$length = $site->journal_length;

for my $case ([{ wish => '' }, ['wish']], [{ wish => '长' x 41 }, ['wish']],
              [{ text => '长' x 501 }, ['text']],
              [{ wish => "a\x{202e}b" }, ['wish']],
              [{ category => 'money' }, ['category']],
              [{ unit => 'nowhere' }, ['unit']],
              [{ phone => '12' }, ['phone']],
              [{ who => 'me', name => undef, phone => undef },
               [qw(name phone)]])
{
    my ($change, $fields) = @$case;

    problem($site->browser->post('api/wishes', json => wish(%$change)), 422,
            'invalid', $fields, "no wish: @$fields");
}

is $site->journal_length, $length, 'nothing written';
ok wished(wish => '长' x 40, text => '长' x 500), 'as long as may be';


# ---- a family

my $family = $site->browser;

$family->post('api/wishes', json => wish(name => '赵大'));
$r = $family->post('api/wishes', json => wish(who => 'family',
                                              name => '赵小宝'));
is $r->{status}, 201, 'for one of the family';
page($family->get('wishes/new'), 200, ['赵大'], 'the device stays his own');
is scalar @{$family->get('api/me/wishes')->json->{items}}, 2,
   'and has both';


# ---- deadlines

my @late = map { published() } 1 .. 2;
my @due = map { $redis->call('ZSCORE', $site->key("wishdue:$_"), $late[0]) }
          qw(wenyilu-1 wenyilu furong);

ok $due[0] && $due[0] == $due[1] && $due[1] == $due[2],
   'the unit and all above know the deadline';
cmp_ok abs($due[0] / 1000 - time - 7 * 86400), '<', 60, 'a week to claim';

for my $n (0, 1) {
    my $at = (int(time) - 60 * ($n + 1)) * 1000;
    $redis->call('HSET', $site->key("wish:$late[$n]"), 'due', $at);
    $redis->call('ZADD', $site->key("wishdue:$_"), $at, $late[$n])
        for qw(wenyilu-1 wenyilu furong);
}

is join(' ', ids($worker, overdue => 1)), "$late[1] $late[0]",
   'what is overdue, the oldest first';
page($worker->get('staff/wishes?overdue=1'), 200, ['已超期'],
     'in words on the page');
is join(' ', ids($lead, overdue => 1)), "$late[1] $late[0]",
   'teams see it too';
act($lead, $late[1], 'claim');
is join(' ', ids($worker, overdue => 1)), $late[0],
   'a step takes it off the list';
act($worker, $late[0], 'answer', answer => '好');
is join(' ', ids($worker, overdue => 1)), '', 'or its end';
ok !defined $redis->call('ZSCORE', $site->key('wishdue:furong'), $late[0]),
   'for good';


# ---- filters, pages

is_deeply [sort +ids($worker, status => 'done')],
          [sort grep { seen($worker, $_)->{status} eq 'done' } ids($worker)],
          'by state';
is scalar(ids($worker, category => 'law')), 0, 'by kind';
is scalar(ids($worker, unit => 'wenyilu-1')), scalar(ids($worker)),
   'by unit';
problem($worker->get('api/staff/wishes?unit=huoxing'), 404, 'not_found',
        undef, 'not another\'s unit');
problem($worker->get('api/staff/wishes?status=x'), 422, 'invalid',
        ['status'], 'what is no state');
problem($_->get(($_ == $web ? 'api/wishes' : 'api/staff/wishes')
                . '?cursor=x'), 422, 'invalid', ['cursor'],
        'what is no cursor') for $web, $worker;

for my $list ([$worker, 'api/staff/wishes'], [$web, 'api/wishes'],
              [$lecturer, 'api/staff/wishes'])
{
    my ($who, $path) = @$list;
    my @all = map { $_->{id} }
              @{$who->get($path, query => { limit => 100 })->json->{items}};
    my (@paged, $cursor);

    for (1 .. 100) {
        my $doc = $who->get($path, query => {
            limit => 3, defined $cursor ? (cursor => $cursor) : () })->json;

        push @paged, map { $_->{id} } @{$doc->{items}};
        $cursor = $doc->{next};
        last if !defined $cursor;
        published() if $_ == 2;
    }

    cmp_ok scalar @all, '>', 6, 'enough for pages';
    is join(' ', @paged[0 .. $#all]), join(' ', @all),
       "$path page by page while more come";
}

my ($next) = Wenming::Answer::unescape($web->get('wishes?limit=3')->text)
             =~ m{href="/wenming/(wishes\?cursor=[^"]+)"};
like $next, qr/&limit=3$/, 'the page leads to the next';
is $web->get($next)->{status}, 200, 'that works';


# ---- what is shared is the same for everyone, and fresh at once

$id = published(name => '钱示例');
my $cached = join '', map { $device->get($_)->text, $web->get($_)->text }
             'api/wishes', 'wishes', "wish/$id", "api/wishes/$id",
             'fragment/wishes';

unlike $cached, qr/钱示例|139\d{8}|139\*|"device|person|撤回/,
       'nobody stands in what is shared';
ok $web->get("api/wishes/$id")->header('etag'), 'which has an ETag';
is $device->post("api/wishes/$id/withdraw")->{status}, 200, 'withdrawn';
problem($web->get("api/wishes/$id"), 404, 'not_found', undef,
        'is gone at once');


# ---- on the page

$id = published();
$page = $device->get('my/wishes');
$r = $site->send_form($device, $page, {}, qr/withdraw$/);
is $r->{status}, 303, 'the button withdraws';
is $r->header('location'), $site->public_url . '/my/wishes', 'and leads back';
$id = in_state('answered');
my %proof = %{($device->get('wishes/new')->forms)[0]{hidden}};
$r = $device->post("wish/$id/withdraw", form => { form => $proof{form} });
page($r, 409, ['当前状态不能这样操作', '已答复'],
     'what is answered is not withdrawn, and the page says so');

$id = published();
act($lecturer, $id, 'claim');
$page = $worker->get("staff/wishes/$id");
page($page, 200, ['退回', '已实现', '不予公开', '芙蓉区百姓宣讲团（示例）'],
     'a worker can act for the team');
act($worker, $id, 'fulfil');
$r = $site->send_form($worker, $page, { reason => '无' }, qr/release$/);
page($r, 409, ['当前状态不能这样操作', '已实现'],
     'an old page says how it stands');


# ---- whose key is destroyed, is gone with what he or she wrote

$id = wished(wish => '秘密');
$redis->call('DEL', $site->key('person:' . $redis->call(
    'HGET', $site->key("wish:$id"), 'person')));
is seen($worker, $id)->{wish}, '', 'the wish went with the person';
is_deeply seen($worker, $id)->{possible}, ['refuse'], 'it is put aside';
problem(act($worker, $id, 'publish', wish => '好'), 409, 'state', undef,
        'and not shown');
is act($worker, $id, 'refuse', reason => '无')->{status}, 200, 'put aside';

my ($rc, $out) = $site->tool('audit');
is $rc, 0, 'the journal is whole' or diag $out;


# ---- written down by a worker, for somebody without a phone

{
    my %hand = (wish => '想理发', text => '下不了楼', category => 'life',
                unit => 'wenyilu-1', name => '王示例');

    problem($auditor->post('api/staff/wishes', json => \%hand), 403,
            'forbidden', undef, 'who only reads writes none');
    problem($worker->post('api/staff/wishes', json => {
                %hand, unit => 'huoxing', category => 'x' }), 422, 'invalid',
            ['category'], 'a kind that is none');
    problem($worker->post('api/staff/wishes', json => {
                %hand, unit => 'huoxing' }), 422, 'invalid', ['unit'],
            'nor for a unit that is not of the scope');
    problem($worker->post('api/staff/wishes', json => { wish => 'x' }), 422,
            'invalid', [qw(category unit name)], 'nor of nobody');

    my @send = ('api/staff/wishes', json => \%hand,
                headers => { 'Idempotency-Key' => 'hand' });
    my $r = $worker->post(@send);
    my $id = $r->json->{id};

    is $r->{status}, 201, 'a wish without a phone';
    is $worker->post(@send)->json->{id}, $id, 'sent twice, it is one';
    $r = $worker->get("api/staff/wishes/$id")->json;
    is_deeply [@$r{qw(wish text contact_name phone by status)}],
              ['想理发', '下不了楼', '王示例', '', 'worker-wenyilu',
               'submitted'], 'is what was said, with who wrote it down';
    is $r->{log}[0]{by}, 'worker-wenyilu', 'also in its steps';
    is act($reviewer, $id, 'publish', wish => '想理发')->{status}, 200,
       'it is published';
    is act($lead, $id, 'claim')->{status}, 200, 'taken up';
    is act($lead, $id, 'fulfil')->{status}, 200, 'and fulfilled as any other';

    my $page = $worker->get('staff/wishes/new');

    page($page, 200, ['代录心愿'], 'the form');
    $r = $site->send_form($worker, $page, { wish => '想听戏', name => '' },
                          qr{/staff/wishes$});
    page($r, 422, ['这一项必须填写', '想听戏'],
         'what is missing is said at the field, what was typed is kept');
    $r = $site->send_form($worker, $r, { %hand, wish => '想听戏',
        phone => $site->phone(99) }, qr{/staff/wishes$});
    is $r->{status}, 303, 'complete, it is taken';
    page($worker->get($r->header('location') =~ s{.*/wenming/}{}r), 200,
         ['想听戏', '代录人', 'worker-wenyilu'], 'and shown');
}

# ---- what becomes of it, on the page of who wished

{
    my $id = wished();

    act($reviewer, $id, 'publish', wish => '学手机');
    act($lead, $id, 'claim');
    act($lead, $id, 'release', reason => '车坏了');
    page($device->get('my/wishes'), 200, ['重新等待认领', '待认领'],
         'that it was given back stands there');
    ok $device->get('my/wishes')->text !~ /车坏了/, 'why is for workers';
    act($lead, $id, 'claim');
    act($lead, $id, 'fulfil');
    page($device->get('my/wishes'), 200, ['已实现：'],
         'and that it came true');
}

end();
