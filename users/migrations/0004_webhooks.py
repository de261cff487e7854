"""Partners' webhook endpoints, their secrets, the messages, and how their deliveries went."""


import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('users', '0003_sign_in_tidying_schedule'),
    ]

    operations = [
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=500, verbose_name='URL')),
                ('events', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=30), size=None)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('failing_since', models.DateTimeField(help_text='The first failure since it last took something.', null=True)),
                ('last_success_at', models.DateTimeField(null=True)),
                ('disabled_at', models.DateTimeField(null=True)),
                ('disabled_because', models.CharField(blank=True, choices=[('ASKED', 'Asked for'), ('FAILING', 'Failed for days'), ('GONE', 'Answered 410 Gone')], max_length=7)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='endpoints', to='users.partner')),
            ],
        ),
        migrations.CreateModel(
            name='WebhookMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uid', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('type', models.CharField(max_length=30)),
                ('key', models.CharField(max_length=100)),
                ('data', models.JSONField(help_text='Amounts in paise, rates in basis points.')),
                ('occurred_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('partner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='users.partner')),
            ],
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('PENDING', 'Pending'), ('DELIVERED', 'Delivered'), ('DEAD', 'Given up')], db_default='PENDING', default='PENDING', max_length=9)),
                ('attempts', models.PositiveIntegerField(db_default=0, default=0)),
                ('attempts_left', models.PositiveSmallIntegerField(db_default=12, default=12)),
                ('next_attempt_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('claimed_until', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, db_default='', default='', help_text='Of the newest attempt.', max_length=20)),
                ('endpoint', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='users.webhookendpoint')),
                ('message', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='users.webhookmessage')),
            ],
        ),
        migrations.CreateModel(
            name='WebhookSecret',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('ciphertext', models.BinaryField()),
                ('key_id', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('expires_at', models.DateTimeField(null=True)),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='secrets', to='users.webhookendpoint')),
            ],
        ),
        migrations.CreateModel(
            name='WebhookAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('sent_at', models.DateTimeField()),
                ('duration_ms', models.PositiveIntegerField()),
                ('outcome', models.CharField(max_length=20)),
                ('http_status', models.PositiveSmallIntegerField(null=True)),
                ('delivery', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='log', to='users.webhookdelivery')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('delivery', 'number'), name='webhook_attempt_is_logged_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.UniqueConstraint(condition=models.Q(('disabled_at', None)), fields=('partner', 'url'), name='webhook_endpoint_in_use_has_an_address_of_its_own'),
        ),
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.CheckConstraint(condition=models.Q(('events__len__gt', 0), ('events__contained_by', ['application.decided', 'instalment.due', 'loan.closed', 'loan.disbursed', 'loan.overdue', 'payment.posted', 'payment.reversed'])), name='webhook_endpoint_is_told_of_known_events'),
        ),
        migrations.AddConstraint(
            model_name='webhookendpoint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('disabled_at', None), ('disabled_because', '')), models.Q(('disabled_at__isnull', False), ('disabled_because__in', ['ASKED', 'FAILING', 'GONE'])), _connector='OR'), name='webhook_endpoint_is_disabled_for_a_reason'),
        ),
        migrations.AddIndex(
            model_name='webhookmessage',
            index=models.Index(fields=['occurred_at'], name='webhook_message_by_age'),
        ),
        migrations.AddConstraint(
            model_name='webhookmessage',
            constraint=models.UniqueConstraint(fields=('partner', 'key'), name='webhook_message_is_told_once'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(fields=['endpoint', '-id'], name='webhook_delivery_by_endpoint'),
        ),
        migrations.AddIndex(
            model_name='webhookdelivery',
            index=models.Index(condition=models.Q(('status', 'PENDING')), fields=['endpoint', 'next_attempt_at', 'id'], name='webhook_delivery_to_do'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.UniqueConstraint(fields=('message', 'endpoint'), name='webhook_message_goes_to_an_endpoint_once'),
        ),
        migrations.AddConstraint(
            model_name='webhookdelivery',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['PENDING', 'DELIVERED', 'DEAD'])), name='webhook_delivery_status_is_known'),
        ),
        migrations.AddConstraint(
            model_name='webhooksecret',
            constraint=models.UniqueConstraint(condition=models.Q(('expires_at', None)), fields=('endpoint',), name='webhook_endpoint_has_one_newest_secret'),
        ),
    ]
