use FindBin;
use lib "$FindBin::Bin/lib";
use Wenming::Test;

# Orders: what is asked for, once and only once.

my $site = site();
my $web = $site->browser;
my $day = substr Wenming::Site::iso(time + 10 * 86400), 0, 10;


sub order {
    my (%change) = @_;

    my %order = (
        course => 'party-01', unit => 'wenyilu-1', wanted => [$day],
        head_count => 30, contact_name => '测试居民', phone => $site->phone(1),
        note => '请讲慢一点', %change
    );

    delete $order{$_} for grep { !defined $order{$_} } keys %order;

    return \%order;
}


sub entries {
    return scalar grep { $_->{verb} eq 'order.submit' } $site->journal;
}


# ---- one order

my $r = $web->post('api/orders', json => order());
my $made = $r->json;

is $r->{status}, 201, 'an order is taken';
like $made->{id}, qr/^[0-9A-HJKMNP-TV-Z]{16}$/, 'it has an id';
like $made->{number}, qr/^20\d\d\d{6}$/, 'and a number that people can read';
is $made->{status}, 'submitted', 'and is submitted';
is entries(), 1, 'one entry in the journal';

my ($mine) = @{$web->get('api/me/orders')->json->{items}};

is $mine->{id}, $made->{id}, 'the device finds it again';
is $mine->{title}, '党员教育', 'with the title of the course';
is_deeply $mine->{wanted}, [$day], 'and the day';
is $mine->{unit_name}, '文艺路街道示例社区一新时代文明实践站', 'and the unit';
ok !exists $mine->{phone}, 'the public face of an order has no phone';
is_deeply $web->fresh->get('api/me/orders')->json->{items}, [],
          'another device finds nothing';
page($web->get('orders'), 200, [$made->{number}, '党员教育', '已提交'],
     'the page of my orders');

my ($staff) = @{$site->worker->get('api/staff/orders')->json->{items}};

is $staff->{id}, $made->{id}, 'the worker sees it';
is $staff->{contact_name}, '测试居民', 'with whom to call';
is $staff->{phone}, $site->phone(1), 'and the number in full';
is $staff->{note}, '请讲慢一点', 'and the note';
is +(grep { $_->{id} eq 'party-01' }
     @{$web->get('api/menu')->json->{items}})[0]{orders}, 1,
   'the menu counts it at once';


# ---- the form

page($web->get('course/party-01'), 200,
     ['name="head_count" type="number" inputmode="numeric" min="1" '
      . 'max="10000" value=""', '只有您自己就填 1'],
     'nobody is counted before he says so');
page($site->worker->get('staff/orders/new'), 200, ['只有您自己就填 1'],
     'nor by a worker');

my $bare = $site->send_form($web, $web->get('course/party-01'), {});

page($bare, 422, ['>在哪里上课（文明实践站）</a>', '>希望哪天上课</a>',
                  '>大约多少人参加</a>', '>联系电话</a>'],
     'what is wrong is listed as the fields are called');


# ---- the same key

my $before = entries();
my %key = ('Idempotency-Key' => 'a-key-of-the-client-1');
my $first = $web->post('api/orders', json => order(), headers => \%key);
my $again = $web->post('api/orders', json => order(), headers => \%key);

is $first->{status}, 201, 'an order with a key';
like $again->{status}, qr/^20[01]$/, 'the same once more is no error';
is_deeply $again->json, $first->json, 'and has the same answer';
is entries(), $before + 1, 'but it is one order';

my @many = at_once(map { [$web, 'POST', 'api/orders', json => order(),
                          headers => { 'Idempotency-Key' => 'at-once' }] }
                   1 .. 8);

is scalar(grep { $_->{status} !~ /^20[01]$/ } @many), 0,
   'eight times at the same moment';
is_deeply [map { $_->json->{id} } @many], [($many[0]->json->{id}) x 8],
          'the same id for all';
is entries(), $before + 2, 'one order';

problem($web->post('api/orders', json => order(head_count => 31),
                   headers => \%key), 422, 'key_reused', undef,
        'another body under the key is refused');
is entries(), $before + 2, 'and not applied';

# a program without cookies that never saw its answer

my @blind = map { $web->fresh->post('api/orders', json => order(),
                                    headers => { 'Idempotency-Key' =>
                                                 'blind-1' }) } 1 .. 2;

is_deeply $blind[1]->json, $blind[0]->json,
          'a repeat without cookies has the same answer';
is entries(), $before + 3, 'and is one order';

problem($web->post('api/orders', json => order(),
                   headers => { 'Idempotency-Key' => 'x' x 300 }),
        400, 'bad_request', undef, 'a key without end is refused');


# ---- what is wrong is named

my @wrong = (
    [{ extra => 'x' }, 'extra', 'unknown', 'a field nobody knows'],
    [{ head_count => 'many' }, 'head_count', 'type', 'words for a number'],
    [{ head_count => '30' }, 'head_count', 'type', 'a number as a string'],
    [{ head_count => 0 }, 'head_count', 'range', 'nobody'],
    [{ head_count => 1_000_000 }, 'head_count', 'range', 'a million'],
    [{ head_count => JSON::PP::true() }, 'head_count', 'type', 'true'],
    [{ head_count => -1 }, 'head_count', undef, 'less than nobody'],
    [{ head_count => undef }, 'head_count', 'missing', 'no number'],
    [{ course => 'no-such' }, 'course', 'choice', 'no such course'],
    [{ course => '../x' }, 'course', 'type', 'no name of a course'],
    [{ course => undef }, 'course', 'missing', 'without a course'],
    [{ unit => 'no-such' }, 'unit', 'choice', 'no such unit'],
    [{ unit => ['wenyilu'] }, 'unit', 'type', 'a list of units'],
    [{ wanted => [] }, 'wanted', 'missing', 'no day'],
    [{ wanted => ['2027-02-29'] }, 'wanted', 'date', 'no such day'],
    [{ wanted => ['2001-01-01'] }, 'wanted', 'past', 'a day long ago'],
    [{ wanted => [1] }, 'wanted', 'type', 'a number for a day'],
    [{ wanted => [($day) x 40] }, 'wanted', 'too_long', 'forty days'],
    [{ contact_name => "a\x{1}b" }, 'contact_name', 'control',
     'a control character'],
    [{ contact_name => "测\x{202e}试" }, 'contact_name', 'control',
     'a name that turns around'],
    [{ contact_name => '长' x 500 }, 'contact_name', 'too_long',
     'a name without end'],
    [{ contact_name => " \x{3000} " }, 'contact_name', 'missing',
     'a name of blanks'],
    [{ phone => '12345' }, 'phone', 'phone', 'no phone number'],
    [{ phone => '1391234567x' }, 'phone', 'phone', 'a letter in it'],
    [{ phone => undef }, 'phone', 'missing', 'no phone'],
    [{ note => '长' x 4000 }, 'note', 'too_long', 'a note without end'],
    [{ note => { a => 1 } }, 'note', 'type', 'a note of parts'],
);

$before = entries();

for my $case (@wrong) {
    my ($change, $field, $code, $name) = @$case;
    my $r = $web->post('api/orders', json => order(%$change));

    problem($r, 422, 'invalid', [$field], $name);
    is $r->json->{errors}[0]{code}, $code, "its reason is $code" if $code;
}

problem($web->post('api/orders', json => {}), 422, 'invalid',
        [qw(course unit wanted head_count contact_name phone)],
        'nothing at all names all that is mandatory');

$r = $web->post('api/orders', type => 'application/json',
                body => "{\"contact_name\":\"\xff\"}");
like $r->{status}, qr/^4(?:00|22)$/, 'what is no UTF-8 is refused';
is $web->post('api/orders', json => order(note => "a\x{0}b"))->{status}, 400,
   'a NUL is no text';

for my $body ('', 'x', '[]', '"x"', '{"a":1', '{"a":1}x', '{"a":1.5e3}',
              '{"phone":1,"phone":2}', '[' x 4000)
{
    $r = $web->post('api/orders', type => 'application/json', body => $body);
    like $r->{status}, qr/^4(?:00|22)$/, 'no JSON object: '
                                         . substr $body, 0, 12;
}

problem($web->post('api/orders', type => 'text/plain', body => '{}'), 415,
        'media_type', undef, 'text/plain');
problem($web->post('api/orders', body => '{}'), 415, 'media_type', undef,
        'no type at all');
problem($web->post('api/orders', json => order(note => 'x' x 17000)), 413,
        'too_large', undef, 'more than 16 kB');
problem($web->post('api/orders', json => order(note => 'x' x 17000),
                   chunked => 1000), 413, 'too_large', undef,
        'more than 16 kB in chunks');
is entries(), $before, 'nothing of all that was applied';

is $web->post('api/orders', json => order(phone => '+86 139-1000 0001',
                                          note => "一行\n又一行"))->{status},
   201, 'a phone with its country, a note of two lines';
is $web->post('api/orders', json => order(phone => '0731-88880000',
                                          note => undef))->{status},
   201, 'a landline; no note';


# ---- as a form

my $other = $web->fresh;
my $page = $other->get('course/law-01');
my %fields = (unit => 'wenyilu', wanted => [$day, ''], head_count => 12,
              contact_name => '测试居民乙', phone => $site->phone(2),
              note => '<b>&"');

$before = entries();
$r = $site->send_form($other, $page, \%fields);
like $r->{status}, qr/^20[01]$/, 'the form of a course is an order';
page($r, $r->{status}, ['点单成功'], 'and says so');

my ($number) = $r->text =~ /(20\d{8})/;

page($site->send_form($other, $page, \%fields), $r->{status}, [$number],
     'sent again, it is the same');
is entries(), $before + 1, 'one order';

$page = $other->get('course/law-01');
$r = $site->send_form($other, $page, { %fields, phone => '1', note => '<i>' });
page($r, 422, ['请填写正确的手机号码', '测试居民乙'],
     'what is wrong is said in the form, and the rest is still there');
unlike $r->text, qr/<i>/, 'what was typed is shown as text';
like $r->text, qr/value="$day"/, 'the day too';

($page) = $site->send_form($other, $r, { %fields, phone => '2' });
page($page, 422, ['请填写正确的手机号码'], 'the form that came back works');
is $site->send_form($other, $page, \%fields)->{status}, 201,
   'and ends well';


# ---- cancelling

$r = $web->post("api/orders/$made->{id}/cancel", json => {});
is $r->{status}, 200, 'an order can be cancelled';
is $r->json->{status}, 'cancelled', 'then it is';
is $web->post("api/orders/$made->{id}/cancel", json => {})->{status}, 200,
   'twice is no error';
is scalar(grep { $_->{verb} eq 'order.cancel' } $site->journal), 1,
   'and one entry';

my $id = $first->json->{id};

problem($other->post("api/orders/$id/cancel", json => {}), 404, 'not_found',
        undef, 'not from another device');
problem($site->worker->fresh->post("api/orders/$id/cancel", json => {}), 404,
        'not_found', undef, 'not without any');
problem($web->post('api/orders/0000000000000000/cancel', json => {}), 404,
        'not_found', undef, 'not what is not there');
problem($web->post('api/orders/no-id/cancel', json => {}), 404,
        'not_found', undef, 'not what is no id');

$r = $site->send_form($web, $web->get('orders'), {}, qr/cancel/);
like $r->{status}, qr/^(?:200|303)$/, 'by the button of the page';
is scalar(grep { $_->{verb} eq 'order.cancel' } $site->journal), 2,
   'that is one more';


# ---- an event for an order

$id = (grep { $_->{status} eq 'submitted' }
       @{$web->get('api/me/orders')->json->{items}})[0]{id};

my $event = $site->event(orders => [$id], draft => 1);

is +(grep { $_->{id} eq $id } @{$web->get('api/me/orders')->json->{items}})[0]
   {status}, 'submitted', 'a draft does not plan an order';

$site->worker->post("api/staff/events/$event/publish", json => {});
$mine = (grep { $_->{id} eq $id }
         @{$web->get('api/me/orders')->json->{items}})[0];
is "$mine->{status} $mine->{event}", "scheduled $event",
   'publishing does, and who ordered sees it';

my $planned = $web->get('orders');
my $held = $web->get("api/events/$event")->json;

page($planned, 200, ['上课时间', $held->{when_text}, $held->{place}],
     'the card says when and where');
unlike $planned->text, qr{/rate/}, 'and does not ask yet how it was';
ok !exists $mine->{planned} && !exists $mine->{can_rate},
   'programs read that of the event itself';

{
    my $key = $site->key("event:$event");
    my $end = $site->redis->call('HGET', $key, 'end');

    $site->check_in($web, $event, '测试居民', $site->phone(1));
    unlike $web->get('orders')->text, qr{/rate/}, 'nor while it goes on';
    $site->redis->call('HSET', $key, 'end', (int(time) - 60) * 1000);
    like $web->get('orders')->text, qr{href="/wenming/rate/$event"},
         'but when it is over, whoever completes the order, and when';
    $site->redis->call('HSET', $key, 'end', $end);
}

$site->worker->post("api/staff/events/$event/cancel", json => {});
unlike $web->get('orders')->text, qr/上课时间/, 'cancelled, it says no more';
$mine = (grep { $_->{id} eq $id }
         @{$web->get('api/me/orders')->json->{items}})[0];
is "$mine->{status} $mine->{event}", 'submitted ',
   'cancelling the event gives the order back';

end();
